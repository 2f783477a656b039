internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// `/models/<name>/erased`: what was revoked, what was decided to go, and what a verifier kept of
/// the first version's answers before that.
struct ErasedPage: PageRoute {
    static let name = "page-erased"
    private static let mostRows = 500
    private let model: String

    init?(_ path: RequestPath) {
        guard path.components.count == 3, path.components[0] == "models",
            path.components[2] == "erased"
        else { return nil }
        model = path.components[1]
    }

    var need: Need { .read(model: model) }

    func page(_ call: Call) throws -> Page {
        guard try call.registry.hasModel(model) else { throw Failure.noModel(model) }
        let history = try call.registry.erasureHistory(of: model)
        let viewer = Viewer(call)
        return Page(
            title: "Erased of \(model)",
            trail: [("Models", Address.home), (model, Address.model(model))], place: "Models",
            content: [
                .element("h1", text: "What was revoked and erased of \(model)"),
                Parts.text(
                    "Decisions that an operator signed. They stay when the bytes are gone.",
                    style: "lead"),
                history.isEmpty ? Parts.text("Nobody decided anything.") : .group([]),
                revoked(history.revocations, viewer), erased(history.erasures, viewer),
                kept(history.yardsticks, call),
            ])
    }

    private func revoked(_ revocations: [Revocation], _ viewer: Viewer) -> Markup {
        if revocations.isEmpty { return .group([]) }
        return Parts.section(
            "Revoked", id: "revoked",
            [
                Parts.table(
                    "Revocations, newest first", ["When", "Versions", "Why", "Take instead"],
                    long: [2],
                    revocations.suffix(Self.mostRows).reversed().map { one in
                        [
                            Parts.time(one.created), versions(one.versions), .text(one.reason),
                            one.successor.map { versions([$0]) } ?? .text("nothing"),
                        ]
                    })
            ])
    }

    private func erased(_ erasures: [ErasureHistory.Erasure], _ viewer: Viewer) -> Markup {
        if erasures.isEmpty { return .group([]) }
        let receipts =
            viewer.mayHandleRequests(of: model)
            ? [
                Markup.element(
                    "p", [],
                    [Parts.link("Receipts for what is gone from here", to: Address.receipts)])
            ] : []
        return Parts.section(
            "Erased", id: "erased",
            [
                Parts.text(
                    "Only revoked versions reached these objects. The decision (a tombstone) goes "
                        + "wherever the line goes, so that copies can honour it.")
            ] + receipts + erasures.suffix(Self.mostRows).reversed().map { erasure($0) })
    }

    private func erasure(_ erasure: ErasureHistory.Erasure) -> Markup {
        let record = erasure.record
        let size = Words.size(record.objects.reduce(0) { $0 + $1.sizeBytes })
        return .group([
            .element("h3", [], [.text("Decided "), Parts.time(record.created)]),
            Parts.facts([
                ("Versions", versions(record.versions)),
                (
                    "Requests",
                    record.requests.isEmpty
                        ? nil : .text(record.requests.map(\.id).joined(separator: ", "))
                ),
                ("Signed by", Parts.code(record.operatorKey)),
                ("Record", Parts.code(erasure.digest.description)),
            ]),
            ObjectList.markup(
                "\(Words.count(record.objects.count, "object")), \(size)", record.objects),
        ])
    }

    private func kept(_ yardsticks: [Yardstick], _ call: Call) -> Markup {
        if yardsticks.isEmpty { return .group([]) }
        return Parts.section(
            "What the first version answered", id: "yardsticks",
            [
                Parts.text(
                    "Kept by a verifier before its weights went, one bit for each test sample, so "
                        + "that what the line has retained can still be measured."),
                Parts.table(
                    "Yardsticks", ["Version", "Data", "Split", "Samples", "Right", "When"],
                    numbers: [3, 4],
                    yardsticks.map { one in
                        let right = (try? one.answers())?.count { $0 }
                        return [
                            versions([one.version]),
                            Viewer(call).mayReadAll
                                ? DatasetPage.link(one.dataset.name, call)
                                : .text(one.dataset.name),
                            .text(one.split), .text("\(one.sampleCount)"),
                            .text(
                                right.map {
                                    Chart.percent(Double($0) / Double(max(one.sampleCount, 1)))
                                } ?? "damaged"), Parts.time(one.created),
                        ]
                    }),
            ])
    }

    private func versions(_ references: [VersionReference]) -> Markup {
        .group(
            references.prefix(Self.mostRows).enumerated().flatMap { place, one in
                (place == 0 ? [] : [Markup.text(", ")]) + [
                    Parts.link("v\(one.number)", to: Address.version(model, one.number))
                ]
            })
    }
}

/// Objects by digest, behind a line that opens them.
enum ObjectList {
    private static let mostRows = 500

    static func markup(_ title: String, _ objects: [ErasedObject]) -> Markup {
        if objects.isEmpty { return Parts.text(title) }
        let table = Parts.table(
            objects.count > mostRows ? "The first \(mostRows), by digest" : "By digest",
            ["SHA-256", "Size"], numbers: [1], long: [0],
            objects.prefix(mostRows).map {
                [Parts.code($0.digest.hex), .text(Words.size($0.sizeBytes))]
            })
        return .element("details", [], [.element("summary", text: title), table])
    }
}
