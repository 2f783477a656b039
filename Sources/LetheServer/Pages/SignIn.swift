internal import HTTPTypes
internal import Hummingbird
internal import LethePages
internal import LetheRecords
internal import LetheRegistry
internal import NIOCore

/// `/sign-in`: a form that takes a token and keeps it in a cookie.
struct SignIn: Route {
    static let name = "sign-in"
    static var methods: Set<HTTPRequest.Method> { [.get, .head, .post] }

    init?(_ path: RequestPath) {
        guard path.components == ["sign-in"] else { return nil }
    }

    var need: Need { .nothing }

    func answer(_ call: Call) async throws -> Response {
        guard call.request.method == .post else {
            return Self.page(then: Address.home).response(Viewer(call))
        }
        try Session.requireOwnForm(call)
        guard let body = try? await call.request.body.collect(upTo: 8192) else {
            throw Failure(status: .contentTooLarge, message: "This form is too long.")
        }
        let fields = RequestPath.form(String(buffer: body))
        let then = Address.local(fields["then"])
        let token = fields["token"]?.filter { !$0.isWhitespace } ?? ""
        guard try call.registry.tokens().find(token) != nil else {
            return Self.page(then: then, complaint: true)
                .response(Viewer(call), status: .unauthorized)
        }
        return Self.redirect(to: then, setting: token, call)
    }

    static func page(then address: String, complaint: Bool = false) -> Page {
        Page(
            title: "Sign in",
            content: [
                .element("h1", text: "Sign in"),
                .element(
                    "p", [("class", "lead")], text: "This registry shows itself to who has a token."
                ),
                complaint
                    ? Parts.verdict(
                        "This token is not known.",
                        ["It was mistyped, or taken away since."], style: "bad") : .group([]),
                form(then: address),
                Parts.text(
                    "An operator makes tokens with lethe token add. This browser keeps yours until "
                        + "it is closed or you sign out, and shows it to this server only.",
                    style: "quiet"),
            ])
    }

    /// The form; signing in leads back to an address.
    private static func form(then address: String) -> Markup {
        .element(
            "form", [("class", "card"), ("method", "post"), ("action", Address.signIn)],
            [
                // Programs that keep passwords want a name beside each.
                .element(
                    "input",
                    [
                        ("type", "text"), ("name", "name"), ("value", "lethe"),
                        ("autocomplete", "username"), ("aria-label", "Name"),
                        ("hidden", "hidden"),
                    ], []),
                .element("label", [("for", "token")], text: "Token"),
                .element(
                    "input",
                    [
                        ("id", "token"), ("name", "token"), ("type", "password"),
                        ("autocomplete", "current-password"), ("spellcheck", "false"),
                        ("required", "required"), ("maxlength", "200"),
                    ], []),
                .element(
                    "input", [("type", "hidden"), ("name", "then"), ("value", address)], []),
                .element("button", [("type", "submit")], text: "Sign in"),
            ])
    }

    static func redirect(to address: String, setting token: String?, _ call: Call) -> Response {
        var fields: HTTPFields = [.location: address, .cacheControl: "no-store"]
        fields[.setCookie] = Session.cookie(token, isSecure: call.settings.isReachedByTLS)
        Page.harden(&fields)
        return Response(status: .seeOther, headers: fields)
    }
}

/// `/sign-out`: the button that takes the cookie away.
struct SignOut: Route {
    static let name = "sign-out"
    static var methods: Set<HTTPRequest.Method> { [.post] }

    init?(_ path: RequestPath) {
        guard path.components == ["sign-out"] else { return nil }
    }

    var need: Need { .nothing }

    func answer(_ call: Call) async throws -> Response {
        try Session.requireOwnForm(call)
        return SignIn.redirect(to: Address.home, setting: nil, call)
    }
}
