internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/models/<name>`: its versions, as a graph and as a table.
struct ModelPage: PageRoute {
    static let name = "page-model"
    static let mostVersions = 40
    private static let mostTags = 200
    private let model: String
    private let before: Int

    init?(_ path: RequestPath) {
        guard path.components.count == 2, path.components[0] == "models" else { return nil }
        model = path.components[1]
        before = path.query["before"].flatMap { Int($0) } ?? .max
    }

    var need: Need { .read(model: model) }

    func page(_ call: Call) throws -> Page {
        guard try call.registry.hasModel(model), let tip = try call.registry.tip(of: model) else {
            throw Failure.noModel(model)
        }
        let viewer = Viewer(call)
        let all = try call.registry.log(model)
        let shown = Array(all.filter { $0.number < before }.prefix(Self.mostVersions))
        let requests = try call.registry.requests(of: tip)
        return Page(
            title: model, trail: [("Models", Address.home)], place: "Models",
            content: [
                .element("h1", text: model), lead(all, call), try actions(all, call),
                Parts.section(
                    "Lineage", id: "lineage", [lineage(shown, tip, viewer), older(shown)]),
                requests.isEmpty
                    ? .group([])
                    : Parts.section(
                        "What it was made to forget", id: "forgotten",
                        [RequestTable.markup(requests, viewer, call)]),
                tags(try call.registry.tags(of: model)),
            ])
    }

    private func tags(_ tags: [VersionTag]) -> Markup {
        if tags.isEmpty { return .group([]) }
        let shown = tags.prefix(Self.mostTags)
        return Parts.section(
            "Tags", id: "tags",
            [
                Parts.table(
                    shown.count < tags.count
                        ? "The first \(shown.count) of \(tags.count) tags, by name"
                        : "Names that somebody gave to versions, and that clients may ask for",
                    ["Tag", "Version"],
                    shown.map {
                        [
                            .text($0.name),
                            Parts.link("v\($0.number)", to: Address.version(model, $0.number)),
                        ]
                    })
            ])
    }

    private func lead(_ all: [LogEntry], _ call: Call) -> Markup {
        let newest = all.first { VersionStanding($0).style == "certified" }
        return .element(
            "p", [("class", "lead")],
            text: newest.map {
                "v\($0.number) is what is given out, certified \(Words.time($0.created))."
            } ?? "No version is certified, so nothing is given out by default.")
    }

    private func actions(_ all: [LogEntry], _ call: Call) throws -> Markup {
        var items: [Markup] = []
        if let newest = all.first(where: { VersionStanding($0).style == "certified" }) {
            items = [
                Parts.link("Pull v\(newest.number)", to: Address.pull(model, newest.number)),
                Parts.link("Its certificate", to: Address.certificate(model, newest.number)),
            ]
        }
        items.append(Parts.link("What its names pointed at", to: Address.aliases(model)))
        if try call.registry.hasErasures(of: model) {
            items.append(Parts.link("What was erased", to: Address.erased(model)))
        }
        return Parts.list(items, style: "actions screen")
    }

    private func lineage(_ entries: [LogEntry], _ tip: Version, _ viewer: Viewer) -> Markup {
        let rows = entries.map { entry -> [Markup] in
            [
                Parts.link("v\(entry.number)", to: Address.version(model, entry.number)),
                .text(entry.operation), VersionStanding(entry).badge, Parts.time(entry.created),
                .text(entry.summary),
            ]
        }
        let graph = LineageGraph(
            nodes(entries, tip, viewer), title: "The lineage of \(model)",
            description: "Each version stands on the one below it. The table says the same.",
            id: "graph")
        return .element(
            "div", [("class", "beside graph")],
            [
                .element(
                    "figure", [],
                    [
                        graph.markup,
                        .element(
                            "figcaption",
                            text: "Newest first. Square: made to forget. Filled green: certified; "
                                + "grey: revoked; dashed outline: erased."),
                    ]),
                Parts.table(
                    "Versions of \(model), newest first",
                    ["Version", "Made by", "Standing", "When", "What"], long: [4], rows),
            ])
    }

    private func nodes(
        _ entries: [LogEntry], _ tip: Version, _ viewer: Viewer
    ) -> [LineageNode] {
        var nodes = entries.map { entry in
            LineageNode(
                name: "v\(entry.number)",
                words: "\(entry.operation), \(VersionStanding(entry).words)",
                style: VersionStanding(entry).style,
                isForgetting: LetheRecords.Operation(rawValue: entry.operation)?
                    .honoursRequest == true, address: Address.version(model, entry.number))
        }
        if let base = tip.manifest.base, viewer.mayRead(base.model), entries.last?.number == 1 {
            nodes.append(
                LineageNode(
                    name: base.model, words: "another model: this is an adapter of it",
                    style: "candidate", isForgetting: false, isOutside: true,
                    address: Address.model(base.model)))
        }
        return nodes
    }

    private func older(_ shown: [LogEntry]) -> Markup {
        guard let last = shown.last, last.number > 1 else { return .group([]) }
        return .element(
            "p", [],
            [
                Parts.link(
                    "Older versions", to: "\(Address.model(model))?before=\(last.number)")
            ])
    }
}

extension VersionStanding {
    init(_ entry: LogEntry) { self.init(entry.state, operation: entry.operation) }
}

/// Honoured requests in a table; they lead to their pages for who may see these.
enum RequestTable {
    static func markup(_ requests: [ForgetRequest], _ viewer: Viewer, _ call: Call) -> Markup {
        let datasets = Set((try? call.registry.datasets()) ?? [])
        return table(requests, viewer) { name in
            datasets.contains(name)
                ? Parts.link(name, to: Address.dataset(name)) : .text(name)
        }
    }

    private static func table(
        _ requests: [ForgetRequest], _ viewer: Viewer, dataset: (String) -> Markup
    ) -> Markup {
        Parts.table(
            "Requests that this line has honoured, oldest first",
            ["Request", "Came in", "Covers", "Training samples", "Data"], numbers: [3],
            requests.map { request in
                [
                    viewer.mayHandleRequests(of: request.model)
                        ? Parts.link(request.id, to: Address.request(request.id))
                        : Parts.code(request.id),
                    Parts.time(request.received), .text(request.coverage),
                    .text("\(request.sampleCount)"), dataset(request.dataset.name),
                ]
            })
    }
}

/// `/models/<name>/aliases`: what `latest` and `certified` pointed at, as the signed log has it.
struct AliasesPage: PageRoute {
    static let name = "page-aliases"
    private let model: String

    init?(_ path: RequestPath) {
        guard path.components.count == 3, path.components[0] == "models",
            path.components[2] == "aliases"
        else { return nil }
        model = path.components[1]
    }

    var need: Need { .read(model: model) }

    func page(_ call: Call) throws -> Page {
        guard try call.registry.hasModel(model) else { throw Failure.noModel(model) }
        let moves = try call.registry.aliasHistory(model).reversed().prefix(500)
        let rows = moves.map { move -> [Markup] in
            [
                .text(move.alias.rawValue), Parts.time(move.since),
                Parts.link("v\(move.number)", to: Address.version(model, move.number)),
                .text(move.leaf.operation), .text("\(move.entryIndex)"),
            ]
        }
        return Page(
            title: "Names of \(model)",
            trail: [("Models", Address.home), (model, Address.model(model))], place: "Models",
            content: [
                .element("h1", text: "What the names of \(model) pointed at"),
                Parts.text(
                    "latest is the newest version, certified the newest certified one. The signed "
                        + "log keeps every move.", style: "lead"),
                Parts.table(
                    "Moves, newest first", ["Name", "Since", "Version", "Made by", "Log entry"],
                    numbers: [4], rows),
            ])
    }
}
