internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/search?q=…`: models, versions, commits and requests that the client may see.
struct SearchPage: PageRoute {
    static let name = "page-search"
    private static let mostFound = 100
    /// How many of the newest versions have their sentence looked at.
    private static let mostRead = 5000
    private let words: String

    init?(_ path: RequestPath) {
        guard path.components == ["search"] else { return nil }
        words = String((path.query["q"] ?? "").prefix(200))
    }

    var need: Need { .read(model: nil) }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        let rows = words.isEmpty ? [] : try found(viewer, call)
        let result: Markup =
            if words.isEmpty {
                Parts.text("Name a model, a version such as faces@v3, a commit or a request.")
            } else if rows.isEmpty {
                Parts.text("Nothing that you may see fits.")
            } else {
                Parts.table(
                    "What fits \"\(words)\"", ["Found", "Kind", "What"], long: [2], rows)
            }
        return Page(
            title: "Search",
            content: [.element("h1", text: "Search"), Self.form(words, isSmall: false), result])
    }

    static func form(_ words: String, isSmall: Bool) -> Markup {
        let id = isSmall ? "search-all" : "search-words"
        return .element(
            "form", [("role", "search"), ("action", Address.search)],
            [
                .element(
                    "input",
                    [
                        ("id", id), ("name", "q"), ("type", "search"), ("value", words),
                        ("aria-label", isSmall ? "Search" : "Search again"),
                        ("placeholder", "model, commit, request"), ("maxlength", "200"),
                    ], []),
                .element("button", [("type", "submit")], text: "Search"),
            ])
    }

    /// `faces@v3` as a link.
    static func versionLink(_ name: String) -> Markup {
        let parts = name.split(separator: "@v")
        guard parts.count == 2, let number = Int(parts[1]) else { return .text(name) }
        return Parts.link(name, to: Address.version(String(parts[0]), number))
    }

    private func found(_ viewer: Viewer, _ call: Call) throws -> [[Markup]] {
        let wanted = words.lowercased()
        var rows = try call.registry.models().filter { viewer.mayRead($0) && $0.contains(wanted) }
            .map { [Parts.link($0, to: Address.model($0)), .text("model"), .text("")] }
        rows += try request(wanted, viewer, call)
        for entry in try call.registry.log(nil, limit: Self.mostRead)
        where viewer.mayRead(entry.model) {
            let name = "\(entry.model)@v\(entry.number)"
            let fits =
                name == wanted || entry.summary.lowercased().contains(wanted)
                || wanted.utf8.count >= 7 && entry.commitName.hasPrefix(wanted)
            if fits {
                rows.append([Self.versionLink(name), .text("version"), .text(entry.summary)])
            }
            if rows.count >= Self.mostFound { break }
        }
        return rows
    }

    private func request(
        _ id: String, _ viewer: Viewer, _ call: Call
    ) throws -> [[Markup]] {
        if id.hasPrefix("c-"), let file = try? call.registry.caseFile(id),
            viewer.mayHandleRequests(of: file.opening.model)
        {
            return [
                [
                    Parts.link(id, to: Address.request(id)), .text("request"),
                    .text("\(file.opening.coverage), \(file.state.words)"),
                ]
            ]
        }
        guard id.hasPrefix("r-"), let model = try call.registry.model(honouring: id),
            viewer.mayRead(model)
        else { return [] }
        let isOpen = viewer.mayHandleRequests(of: model)
        return [
            [
                Parts.link(id, to: isOpen ? Address.request(id) : Address.model(model)),
                .text("honoured request"), .text("on the line of \(model)"),
            ]
        ]
    }
}
