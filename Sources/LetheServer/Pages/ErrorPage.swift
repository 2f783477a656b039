internal import HTTPTypes
internal import Hummingbird
internal import LethePages
internal import LetheRecords

/// What a browser gets where another client gets a status and a sentence.
enum ErrorPage {
    /// Whether a client asks for pages: browsers name HTML, and other clients do not.
    static func isFor(_ request: Request) -> Bool {
        request.headers[.accept]?.lowercased().contains("text/html") == true
    }

    static func response(_ failure: Failure, _ viewer: Viewer) -> Response {
        let page =
            failure.status == .unauthorized
            ? SignIn.page(then: Address.local(viewer.address)) : page(failure)
        var response = page.response(viewer, status: failure.status)
        for field in failure.headers { response.headers[field.name] = field.value }
        response.headers[.errorCode] = failure.code
        // "Basic" would have the browser ask in a window of its own, and never forget.
        if failure.status == .unauthorized {
            response.headers[.wwwAuthenticate] = "Bearer realm=\"lethe\""
        }
        return response
    }

    private static func page(_ failure: Failure) -> Page {
        let title =
            switch failure.status.code {
            case 404: "Nothing here"
            case 403: "Not for you"
            case 400, 405: "Not understood"
            default: "Something is broken"
            }
        return Page(
            title: title,
            content: [
                .element("h1", text: title),
                .element("p", [("class", "lead")], text: failure.message),
                .element("p", [], [Parts.link("All models", to: Address.home)]),
            ])
    }
}
