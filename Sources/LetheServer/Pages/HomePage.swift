internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/`: the models, by name.
struct HomePage: PageRoute {
    static let name = "page-home"
    private static let mostRows = 100
    private let after: String

    init?(_ path: RequestPath) {
        guard path.components.isEmpty else { return nil }
        after = path.query["after"] ?? ""
    }

    var need: Need { .read(model: nil) }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        let names = try call.registry.models().filter(viewer.mayRead).sorted()
        let shown = names.drop { $0 <= after }.prefix(Self.mostRows)
        let rows = try shown.compactMap { try row($0, call) }
        var content: [Markup] = [
            .element("h1", text: "Models"),
            Parts.text(
                "Every model here can be made to forget. A certificate says when it has.",
                style: "lead"),
            rows.isEmpty
                ? Parts.text("There is no model here that you may read.")
                : Parts.table(
                    "\(Words.count(names.count, "model")), by name",
                    ["Model", "Given out", "Newest", "Forgotten", "Changed"], rows),
        ]
        if let last = shown.last, last != names.last {
            content.append(
                .element("p", [], [Parts.link("Further models", to: "/?after=\(last)")]))
        }
        return Page(title: "Models", place: "Models", content: content)
    }

    private func row(_ name: String, _ call: Call) throws -> [Markup]? {
        guard let tip = try call.registry.tip(of: name) else { return nil }
        let certified = try? call.registry.released(
            Revision("\(name)@certified"), allowingUncertified: false)
        let manifest = tip.manifest
        return [
            Parts.link(name, to: Address.model(name)),
            certified.map {
                Parts.link(
                    "v\($0.manifest.number)", to: Address.version(name, $0.manifest.number))
            } ?? .element("span", [("class", "quiet")], text: "nothing certified"),
            Parts.link("v\(manifest.number)", to: Address.version(name, manifest.number)),
            .text(Words.count(manifest.requests.count, "request")), Parts.time(manifest.created),
        ]
    }
}
