internal import Foundation
internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/requests`: what is due when, and what was closed.
struct RequestsPage: PageRoute {
    static let name = "page-requests"

    init?(_ path: RequestPath) {
        guard path.components == ["requests"] else { return nil }
    }

    var need: Need { .requests }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        let now = Timestamp(Date())
        let files = try call.registry.caseFiles()
            .filter { viewer.mayHandleRequests(of: $0.opening.model) }
        let open = files.filter(\.isOpen).sorted {
            ($0.due, $0.opening.id) < ($1.due, $1.opening.id)
        }
        let closed = files.filter { !$0.isOpen }.reversed()
        return Page(
            title: "Requests", place: "Requests",
            content: [
                .element("h1", text: "Requests to erase"),
                Parts.text(
                    open.isEmpty
                        ? "Nothing is due."
                        : "\(Words.count(open.count, "request")) open, the next due first.",
                    style: "lead"),
                alarms(viewer, call),
                open.isEmpty
                    ? .group([])
                    : Parts.section("Due", id: "due", [table(open, "Open requests", now)]),
                closed.isEmpty
                    ? .group([])
                    : Parts.section(
                        "Closed", id: "closed", [table(Array(closed), "Closed requests", now)]),
            ])
    }

    private func alarms(_ viewer: Viewer, _ call: Call) -> Markup {
        guard let policy = try? call.registry.policy(named: call.registry.description.policy),
            let alarms = try? call.registry.queueAlarms(policy: policy)
        else { return .group([]) }
        return .group(
            alarms.filter { viewer.mayHandleRequests(of: $0.model) }
                .map { Parts.verdict($0.words, [], style: "bad") })
    }

    private func table(_ files: [CaseFile], _ caption: String, _ now: Timestamp) -> Markup {
        Parts.table(
            caption, ["Request", "Model", "Asks for", "Reference", "State", "Due"],
            files.map { file in
                let opening = file.opening
                return [
                    Parts.link(opening.id, to: Address.request(opening.id)),
                    .text(opening.model), .text(opening.coverage), .text(opening.requester),
                    .text(file.state.words), Self.due(file, now),
                ]
            })
    }

    static func due(_ file: CaseFile, _ now: Timestamp) -> Markup {
        guard file.isOpen else { return .text("answered") }
        let style = file.due < now ? "state overdue" : "state waiting"
        return .group([
            Parts.time(file.due), .text(" "),
            .element("span", [("class", style)], text: Words.due(file.due, now: now)),
        ])
    }
}

/// `/requests/c-…`: the life of a request; `/requests/r-…`: what a version was made to forget, and
/// what still knows it.
struct RequestPage: PageRoute {
    static let name = "page-request"
    private let id: String

    init?(_ path: RequestPath) {
        guard path.components.count == 2, path.components[0] == "requests" else { return nil }
        id = path.components[1]
    }

    var need: Need { .requests }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        if id.hasPrefix("c-") { return life(try file(viewer, call), viewer) }
        guard let model = try call.registry.model(honouring: id),
            viewer.mayHandleRequests(of: model)
        else { throw Failure.noSuchPage }
        return trace(try call.registry.trace(id), viewer)
    }

    private func file(_ viewer: Viewer, _ call: Call) throws -> CaseFile {
        let file = try call.registry.caseFile(id)
        guard viewer.mayHandleRequests(of: file.opening.model) else { throw Failure.noSuchPage }
        return file
    }

    // MARK: The life of a request

    private func life(_ file: CaseFile, _ viewer: Viewer) -> Page {
        let opening = file.opening
        let steps =
            [step("received", opening.received, [])] + file.steps.map { made($0, file, viewer) }
        return Page(
            title: id, trail: [("Requests", Address.requests)], place: "Requests",
            content: [
                .element("h1", text: "Request \(id)"),
                Parts.text("It is \(file.state.words).", style: "lead"),
                Parts.facts([
                    ("Model", modelLink(opening.model, viewer)),
                    ("Asks for", .text("\(opening.coverage) of \(opening.dataset.name)")),
                    ("Reference", .text(opening.requester)),
                    ("Basis", .text(opening.basis.rawValue.replacing("-", with: " "))),
                    ("Came in", Parts.time(opening.received)),
                    (
                        "Due",
                        file.isOpen ? RequestsPage.due(file, Timestamp(Date())) : nil
                    ),
                ]),
                Parts.section(
                    "Its life", id: "life", [.element("ol", [("class", "steps")], steps)]),
                Parts.section(
                    "Next", id: "next", [Parts.text(file.state.advice(id))]),
                viewer.isRestricted ? Parts.leftOut : .group([]),
            ])
    }

    private func made(_ step: CaseStep, _ file: CaseFile, _ viewer: Viewer) -> Markup {
        var lines: [Markup] = []
        let model = file.opening.model
        if let version = step.version {
            lines.append(
                viewer.mayRead(model)
                    ? Parts.link(
                        "\(model)@v\(version.number)", to: Address.version(model, version.number))
                    : .text("\(model)@v\(version.number)"))
        }
        for request in step.requests ?? [] {
            lines.append(Parts.link(request.id, to: Address.request(request.id)))
        }
        if let reach = step.reach, !viewer.isRestricted {
            lines.append(
                .text(
                    "\(Words.count(reach.versionCount, "version")) know the data, "
                        + "\(Words.size(reach.goingSizeBytes)) will go, "
                        + "\(Words.count(reach.recipientCount, "consumer")) pulled"))
        }
        lines += (step.remaining ?? []).filter(viewer.mayHear).map { .text($0) }
        if let count = step.recipientCount { lines.append(.text(Words.count(count, "recipient"))) }
        if let count = step.approvalMinimum { lines.append(.text("\(count) operators have to")) }
        if let reason = step.reason { lines.append(.text(reason)) }
        lines.append(.element("span", [("class", "quiet")], text: "signed by \(step.operatorKey)"))
        return self.step(step.step.rawValue, step.created, lines)
    }

    private func step(_ name: String, _ time: Timestamp, _ lines: [Markup]) -> Markup {
        .element(
            "li", [],
            [
                .element(
                    "p", [],
                    [.element("strong", text: name), .text(", "), Parts.time(time)])
            ] + lines.map { .element("p", [], [$0]) })
    }

    private func modelLink(_ model: String, _ viewer: Viewer) -> Markup {
        viewer.mayRead(model) ? Parts.link(model, to: Address.model(model)) : .text(model)
    }

    // MARK: What still knows the data

    private func trace(_ trace: RequestTrace, _ viewer: Viewer) -> Page {
        let request = trace.request
        let entries = trace.entries.filter { viewer.mayHear($0.version) }
        let exposed = trace.exposed.filter(viewer.mayHear)
        return Page(
            title: id, trail: [("Requests", Address.requests)], place: "Requests",
            content: [
                .element("h1", text: "Request \(id)"),
                Parts.text(
                    "What versions were made to forget, and which still know it.",
                    style: "lead"),
                Parts.facts([
                    ("Model", modelLink(request.model, viewer)),
                    ("Covers", .text("\(request.coverage) of \(request.dataset.name)")),
                    ("Training samples", .text("\(request.sampleCount)")),
                    ("Came in", Parts.time(request.received)),
                    ("Reference", request.reference.map { .text($0) }),
                ]),
                exposed.isEmpty
                    ? Parts.verdict("Nothing that this registry knows of remains exposed.", [])
                    : Parts.verdict("What remains exposed", exposed, style: "bad"),
                Parts.section(
                    "Versions that have to do with it", id: "versions",
                    [table(entries, viewer)]),
                viewer.isRestricted ? Parts.leftOut : .group([]),
            ])
    }

    private func table(_ entries: [TraceEntry], _ viewer: Viewer) -> Markup {
        Parts.table(
            "Every version that has, or had, to do with the data",
            ["Version", "Made by", "The data", "Standing", "Why it is listed"],
            entries.map { entry in
                [
                    SearchPage.versionLink(entry.version),
                    .text(entry.operation),
                    .text(
                        entry.contains
                            ? "still contained"
                            : entry.isCertified ? "forgotten, certified" : "forgotten"),
                    VersionStanding(entry.state, operation: entry.operation).badge,
                    .text(
                        viewer.mayHear(entry.relation.words)
                            ? entry.relation.words : "related to it"),
                ]
            })
    }
}
