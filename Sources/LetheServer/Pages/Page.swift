internal import HTTPTypes
internal import Hummingbird
internal import LethePages
internal import LetheRecords

/// A page: its title, the way to it and what stands on it.
///
/// Frame and headers are the same for all.
struct Page {
    var title: String
    /// The pages above it.
    var trail: [(name: String, address: String)] = []
    /// The entry of the navigation that it belongs to; nil for none.
    var place: String?
    var content: [Markup]

    /// Every kind of page, in the order in which they are tried.
    static let routes: [any Route.Type] = [
        Asset.self, HomePage.self, ModelPage.self, AliasesPage.self, VersionPage.self,
        PullPage.self, CertificatePage.self, RequestsPage.self, RequestPage.self,
        ExposedPage.self, SearchPage.self, ErasedPage.self, ReceiptsPage.self, ReceiptPage.self,
        DatasetsPage.self, DatasetPage.self, PoliciesPage.self, PolicyPage.self, LogPage.self,
        LogEntryPage.self, SignIn.self, SignOut.self,
    ]

    /// No script at all, nothing from elsewhere, no frame around it, no form to elsewhere.
    private static let policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        + "base-uri 'none'; frame-ancestors 'none'"

    func response(_ viewer: Viewer, status: HTTPResponse.Status = .ok) -> Response {
        var fields: HTTPFields = [
            .contentType: "text/html; charset=utf-8",
            // What a token opened must not come back from a cache after it was taken away.
            .cacheControl: viewer.isSignedIn || !viewer.isPublic ? "no-store" : "no-cache",
            .vary: "Cookie, Authorization",
        ]
        Self.harden(&fields)
        return Response(
            status: status, headers: fields,
            body: ResponseBody(byteBuffer: ByteBuffer(string: html(viewer))))
    }

    /// The headers that keep a browser from doing more than to show what was sent.
    static func harden(_ fields: inout HTTPFields) {
        fields[.contentSecurityPolicy] = policy
        fields[.xContentTypeOptions] = "nosniff"
        // Not "no-referrer": with that browsers hide where a form came from, and signing in asks.
        fields[.referrerPolicy] = "same-origin"
        fields[.crossOriginOpenerPolicy] = "same-origin"
        fields[.crossOriginResourcePolicy] = "same-origin"
    }

    private func html(_ viewer: Viewer) -> String {
        let main = Markup.element("main", [("id", "main"), ("tabindex", "-1")], way + content)
        let body = Markup.element(
            "body", [],
            [
                .element("a", [("class", "skip"), ("href", "#main")], text: "To the content"),
                header(viewer), main, Self.footer(viewer),
            ])
        let root = Markup.element("html", [("lang", "en")], [head, body])
        return "<!DOCTYPE html>\n\(root.rendered)\n"
    }

    private var head: Markup {
        .element(
            "head", [],
            [
                .element("meta", [("charset", "utf-8")], []),
                .element(
                    "meta",
                    [("name", "viewport"), ("content", "width=device-width, initial-scale=1")], []),
                .element("title", text: title == "Lethe" ? title : "\(title) – Lethe"),
                .element("link", [("rel", "stylesheet"), ("href", Asset.styleAddress)], []),
                .element("link", [("rel", "icon"), ("href", Asset.iconAddress)], []),
            ])
    }

    private func header(_ viewer: Viewer) -> Markup {
        var places = [("Models", Address.home)]
        if viewer.handlesRequests {
            places += [("Requests", Address.requests), ("Exposed", Address.exposed)]
        }
        let links = places.map { name, address in
            Markup.element(
                "a",
                [("href", address)] + (place == name ? [("aria-current", "page")] : []),
                text: name)
        }
        let mark = Markup.element("a", [("class", "mark"), ("href", Address.home)], text: "Lethe")
        return .element(
            "header", [],
            [
                .element(
                    "nav", [("aria-label", "Lethe")],
                    [mark] + links + [SearchPage.form("", isSmall: true), session(viewer)])
            ])
    }

    private func session(_ viewer: Viewer) -> Markup {
        guard viewer.isSignedIn else {
            return viewer.isPublic ? Parts.link("Sign in", to: Address.signIn) : .group([])
        }
        return .element(
            "form", [("class", "out"), ("method", "post"), ("action", Address.signOut)],
            [.element("button", [("type", "submit")], text: "Sign out")])
    }

    private var way: [Markup] {
        if trail.isEmpty { return [] }
        return [
            .element(
                "nav", [("class", "trail screen"), ("aria-label", "The way here")],
                [
                    .element(
                        "ol", [],
                        trail.map { .element("li", [], [Parts.link($0.name, to: $0.address)]) })
                ])
        ]
    }

    /// The pages about the registry as a whole, for those who may see them.
    private static func footer(_ viewer: Viewer) -> Markup {
        var places: [(String, String)] = []
        if viewer.mayReadSome {
            places = [
                ("Data sets", Address.datasets), ("Policies", Address.policies),
                ("Log", Address.log),
            ]
        }
        if viewer.handlesRequests { places.append(("Receipts", Address.receipts)) }
        let links = places.map { Parts.link($0.0, to: $0.1) }
        let nav = Markup.element(
            "nav", [("aria-label", "This registry"), ("class", "screen")], links)
        return .element(
            "footer", [],
            [
                places.isEmpty ? .group([]) : nav,
                .element(
                    "p",
                    text: "Lethe \(letheVersion). These pages only show; everything that changes "
                        + "a registry is a command."),
            ])
    }
}

/// A kind of address that answers with a page.
protocol PageRoute: Route {
    func page(_ call: Call) throws -> Page
}

extension PageRoute {
    func answer(_ call: Call) async throws -> Response {
        do {
            return try page(call).response(Viewer(call))
        } catch let error as LetheError
            where error.code == .notFound || error.code == .invalidArgument
        {
            throw Failure.noSuchPage
        }
    }
}

extension HTTPField.Name {
    static let referrerPolicy = HTTPField.Name(named: "Referrer-Policy")
    static let crossOriginOpenerPolicy = HTTPField.Name(named: "Cross-Origin-Opener-Policy")
    static let crossOriginResourcePolicy = HTTPField.Name(named: "Cross-Origin-Resource-Policy")
    static let fetchSite = HTTPField.Name(named: "Sec-Fetch-Site")

    /// A name that is written here as a constant.
    private init(named name: String) {
        self = HTTPField.Name(name) ?? .contentType
    }
}
