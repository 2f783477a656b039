internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// Which entries of the log somebody may see: those of models that they may read; what is about
/// the registry as a whole, only with a token for all of it.
struct LogVisibility {
    let viewer: Viewer

    func shows(_ entry: LoggedEntry) -> Bool {
        switch entry.subject {
        case .judgement(let judgement): viewer.mayRead(judgement.model)
        case .line(let leaf):
            switch leaf.kind {
            case .model, .erasure: viewer.mayRead(leaf.name)
            case .dataset: viewer.mayReadAll
            case .receipts, .request: viewer.handlesAllRequests
            }
        }
    }
}

/// `/log`: the signed checkpoint, and the newest entries.
struct LogPage: PageRoute {
    static let name = "page-log"
    private static let mostRows = 100
    private let before: Int

    init?(_ path: RequestPath) {
        guard path.components == ["log"] else { return nil }
        before = path.query["before"].flatMap { Int($0) } ?? .max
    }

    var need: Need { .read(model: nil) }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        let state = try call.registry.logState()
        let end = min(max(before, 0), state.checkpoint.size)
        let start = max(end - Self.mostRows, 0)
        let entries = try call.registry.logEntries(start..<end, in: state)
            .filter(LogVisibility(viewer: viewer).shows).reversed()
        return Page(
            title: "Log",
            content: [
                .element("h1", text: "The log"),
                Parts.text(
                    "Everything that was ever done to a line, in order. Entries have digests only, "
                        + "and none can be changed unseen by somebody who kept a checkpoint.",
                    style: "lead"),
                Parts.facts([
                    ("Name", Parts.code(state.checkpoint.origin)),
                    ("Entries", .text("\(state.checkpoint.size)")),
                    ("Root", Parts.code(state.checkpoint.root.description)),
                ]),
                Parts.section(
                    "Entries", id: "entries",
                    [
                        table(Array(entries)), older(start),
                        viewer.mayReadAll && viewer.handlesAllRequests
                            ? .group([]) : Parts.leftOut,
                    ]),
                checkpoint(state),
            ])
    }

    private func table(_ entries: [LoggedEntry]) -> Markup {
        if entries.isEmpty { return Parts.text("None here that you may see.") }
        return Parts.table(
            "Newest first", ["Entry", "About", "Step", "When"],
            entries.map { entry in
                let words = LogWords(entry)
                return [
                    Parts.link("\(entry.index)", to: Address.logEntry(entry.index)),
                    words.subject, .text(words.operation), Parts.time(words.time),
                ]
            })
    }

    private func older(_ start: Int) -> Markup {
        if start == 0 { return .group([]) }
        return .element(
            "p", [], [Parts.link("Older entries", to: "\(Address.log)?before=\(start)")])
    }

    private func checkpoint(_ state: LogState) -> Markup {
        Parts.section(
            "Keep a checkpoint", id: "checkpoint",
            [
                Parts.text(
                    "Whoever keeps it elsewhere can show later that nothing before it was changed:"),
                Parts.commands(["lethe audit --against checkpoint"]),
                Parts.text("The checkpoint as it is now, a file of its own:"),
                Parts.commands([String(decoding: state.note, as: UTF8.self)]),
            ])
    }
}

/// What an entry says, in words.
struct LogWords {
    let subject: Markup
    let operation: String
    let time: Timestamp

    init(_ entry: LoggedEntry) {
        switch entry.subject {
        case .judgement(let judgement):
            let version = "\(judgement.model)@v\(judgement.version)"
            subject = .group([.text("judgement of "), SearchPage.versionLink(version)])
            operation = judgement.stage.rawValue
            time = judgement.time
        case .line(let leaf):
            subject = Self.subject(leaf)
            operation = leaf.operation
            time = leaf.time
        }
    }

    private static func subject(_ leaf: LogLeaf) -> Markup {
        switch leaf.kind {
        case .model: SearchPage.versionLink("\(leaf.name)@v\(leaf.number)")
        case .erasure:
            .group([.text("decision about "), Parts.link(leaf.name, to: Address.erased(leaf.name))])
        case .dataset:
            .group([.text("data set "), Parts.link(leaf.name, to: Address.dataset(leaf.name))])
        case .receipts: Parts.link("receipt \(leaf.number)", to: Address.receipt(leaf.number))
        case .request: Parts.link("request \(leaf.name)", to: Address.request(leaf.name))
        }
    }
}

/// `/log/<index>`: one entry, and the proof that it is in the log.
struct LogEntryPage: PageRoute {
    static let name = "page-log-entry"
    private let index: Int

    init?(_ path: RequestPath) {
        guard path.components.count == 2, path.components[0] == "log",
            let index = Int(path.components[1]), index >= 0, path.components[1] == "\(index)"
        else { return nil }
        self.index = index
    }

    var need: Need { .read(model: nil) }

    func page(_ call: Call) throws -> Page {
        let state = try call.registry.logState()
        guard index < state.checkpoint.size,
            let entry = try call.registry.logEntries(index..<index + 1, in: state).first,
            LogVisibility(viewer: Viewer(call)).shows(entry)
        else { throw Failure.noSuchPage }
        let words = LogWords(entry)
        return Page(
            title: "Log entry \(index)", trail: [("Log", Address.log)],
            content: [
                .element("h1", text: "Log entry \(index)"),
                Parts.facts(
                    [
                        ("About", words.subject), ("Step", .text(words.operation)),
                        ("When", Parts.time(words.time)),
                    ] + digests(entry)),
                proof(entry, state, call),
                Parts.section(
                    "As the log has it", id: "entry",
                    [Parts.commands([String(decoding: entry.bytes, as: UTF8.self)])]),
            ])
    }

    private func digests(_ entry: LoggedEntry) -> [(String, Markup?)] {
        guard case .line(let leaf) = entry.subject else { return [] }
        return [
            ("Record", Parts.code(leaf.record.description)),
            ("Certificate", leaf.certificate.map { Parts.code($0.description) }),
            ("Commit", Parts.code(leaf.commit)),
        ]
    }

    private func proof(_ entry: LoggedEntry, _ state: LogState, _ call: Call) -> Markup {
        var content: [Markup] = []
        do throws(LetheError) {
            let path = try call.registry.inclusionPath(of: entry, in: state)
            content = [
                Parts.verdict(
                    "It is in the log.",
                    [
                        "The hashes below lead from it to the root over "
                            + "\(state.checkpoint.size) entries that the operator signed."
                    ]),
                Parts.facts([
                    ("Leaf", Parts.code(TreeHash.leaf(entry.bytes).description)),
                    ("Root", Parts.code(state.checkpoint.root.description)),
                ]),
                path.isEmpty
                    ? Parts.text("It is the only entry, and its hash is the root.")
                    : Parts.table(
                        "The proof (RFC 6962), its sibling first", ["Step", "Hash"], long: [1],
                        path.enumerated().map { step, hash in
                            [.text("\(step + 1)"), Parts.code(hash.description)]
                        }),
            ]
        } catch {
            content = [
                Parts.verdict("The log is damaged.", ["Run lethe audit."], style: "bad")
            ]
        }
        return Parts.section("Proof", id: "proof", content)
    }
}
