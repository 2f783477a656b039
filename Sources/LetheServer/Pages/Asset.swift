internal import HTTPTypes
internal import Hummingbird
internal import LethePages
internal import LetheRecords

/// `/assets/style-<digest>.css` and `/assets/icon-<digest>.svg`: what every page needs.
///
/// Their names change with their bytes, so that browsers may keep them for ever.
struct Asset: Route {
    static let name = "asset"
    private let content: (bytes: String, type: String)

    static let styleAddress = address("style", "css", Style.sheet)
    static let iconAddress = address("icon", "svg", icon)

    /// A wave in a ring: the river.
    private static let icon = Markup.element(
        "svg", [("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 32 32")],
        [
            .element("circle", [("cx", "16"), ("cy", "16"), ("r", "15"), ("fill", "#1f4e8c")], []),
            .element(
                "path",
                [
                    ("d", "M5 18c4-6 7-6 11 0s7 6 11 0"), ("fill", "none"),
                    ("stroke", "#fcfbf8"), ("stroke-width", "3"), ("stroke-linecap", "round"),
                ], []),
        ]
    ).rendered

    init?(_ path: RequestPath) {
        switch "/" + path.components.joined(separator: "/") {
        case Self.styleAddress: content = (Style.sheet, "text/css; charset=utf-8")
        case Self.iconAddress: content = (Self.icon, "image/svg+xml")
        default: return nil
        }
    }

    var need: Need { .nothing }

    func answer(_ call: Call) async throws -> Response {
        var response = Response.text(content.bytes, type: content.type)
        response.headers[.cacheControl] = "public, max-age=31536000, immutable"
        Page.harden(&response.headers)
        return response
    }

    private static func address(_ name: String, _ type: String, _ text: String) -> String {
        "/assets/\(name)-\(Digest(hashing: Array(text.utf8)).hex.prefix(12)).\(type)"
    }
}
