internal import LethePages
internal import LetheRecords
internal import LetheRegistry

/// What this registry has said it deleted, as far as somebody may see it.
///
/// A receipt can be about several models. Who may handle requests of some models sees the receipts
/// that honour tombstones of these, and of such a receipt only the objects that these name.
struct VisibleReceipts {
    struct One {
        /// Its place among all receipts, from 1.
        let number: Int
        let receipt: DeletionReceipt
        /// The models whose tombstones it honours, of those that the viewer may handle.
        let models: [String]
        let gone: [ErasedObject]
        let kept: [KeptObject]
    }

    let all: [One]

    init(_ viewer: Viewer, _ call: Call) throws {
        let receipts = try call.registry.receipts()
        var owners: [Digest: (model: String, objects: Set<Digest>)] = [:]
        for model in try call.registry.models() where viewer.mayHandleRequests(of: model) {
            guard try call.registry.hasErasures(of: model) else { continue }
            for erasure in try call.registry.erasureHistory(of: model).erasures {
                owners[erasure.digest] = (model, Set(erasure.record.objects.map(\.digest)))
            }
        }
        all = receipts.enumerated().compactMap { place, receipt in
            let honoured = receipt.tombstones.compactMap { owners[$0] }
            guard viewer.handlesAllRequests || !honoured.isEmpty else { return nil }
            let objects = honoured.reduce(into: Set<Digest>()) { $0.formUnion($1.objects) }
            let seesAll = viewer.handlesAllRequests
            return One(
                number: place + 1, receipt: receipt, models: Set(honoured.map(\.model)).sorted(),
                gone: receipt.gone.filter { seesAll || objects.contains($0.digest) },
                kept: receipt.kept.filter { seesAll || objects.contains($0.digest) })
        }
    }
}

/// `/receipts`: what this registry has said it deleted, newest first.
struct ReceiptsPage: PageRoute {
    static let name = "page-receipts"
    private static let mostRows = 500

    init?(_ path: RequestPath) {
        guard path.components == ["receipts"] else { return nil }
    }

    var need: Need { .requests }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        let visible = try VisibleReceipts(viewer, call).all
        let rows = visible.suffix(Self.mostRows).reversed().map { one -> [Markup] in
            [
                Parts.link("Receipt \(one.number)", to: Address.receipt(one.number)),
                Parts.time(one.receipt.created),
                .text(one.models.isEmpty ? "–" : one.models.joined(separator: ", ")),
                .text("\(one.gone.count)"),
                .text(Words.size(one.gone.reduce(0) { $0 + $1.sizeBytes })),
                .text("\(one.kept.count)"),
            ]
        }
        return Page(
            title: "Receipts", trail: [("Exposed", Address.exposed)], place: "Exposed",
            content: [
                .element("h1", text: "Receipts"),
                Parts.text(
                    "What this registry has signed that it deleted. lethe purge writes one.",
                    style: "lead"),
                rows.isEmpty
                    ? Parts.text("There is no receipt that you may see.")
                    : Parts.table(
                        "Deletion receipts, newest first",
                        ["Receipt", "When", "Models", "Objects gone", "Size", "Kept"],
                        numbers: [3, 4, 5], rows),
                viewer.handlesAllRequests ? .group([]) : Parts.leftOut,
            ])
    }
}

/// `/receipts/<number>`: one of them.
struct ReceiptPage: PageRoute {
    static let name = "page-receipt"
    private let number: Int

    init?(_ path: RequestPath) {
        guard path.components.count == 2, path.components[0] == "receipts",
            let number = Int(path.components[1]), number > 0, path.components[1] == "\(number)"
        else { return nil }
        self.number = number
    }

    var need: Need { .requests }

    func page(_ call: Call) throws -> Page {
        let viewer = Viewer(call)
        guard
            let one = try VisibleReceipts(viewer, call).all.first(where: { $0.number == number })
        else { throw Failure.noSuchPage }
        let receipt = one.receipt
        return Page(
            title: "Receipt \(number)",
            trail: [("Exposed", Address.exposed), ("Receipts", Address.receipts)],
            place: "Exposed",
            content: [
                .element("h1", text: "Receipt \(number)"),
                Parts.text(
                    "\(Words.count(one.gone.count, "object")) gone, "
                        + "\(Words.count(one.kept.count, "object")) kept.", style: "lead"),
                Parts.facts([
                    ("Signed", Parts.time(receipt.created)),
                    ("Registry", Parts.code(receipt.registry)),
                    ("Honours", models(one.models, viewer)),
                    (
                        "Keys destroyed",
                        viewer.handlesAllRequests
                            ? receipt.destroyedKeys.map { .text($0.joined(separator: ", ")) } : nil
                    ),
                ]),
                ObjectList.markup(
                    "What is gone: \(Words.count(one.gone.count, "object"))", one.gone),
                kept(one.kept, viewer),
                viewer.handlesAllRequests ? whole(receipt) : Parts.leftOut, Self.limits,
            ])
    }

    /// What is about the registry as a whole, and so for those who may see all of it.
    private func whole(_ receipt: DeletionReceipt) -> Markup {
        .group([
            Parts.section(
                "Where it was looked", id: "places",
                [Parts.list(receipt.placesChecked.map { .text($0) })]),
            copies(receipt.copies),
        ])
    }

    private func models(_ models: [String], _ viewer: Viewer) -> Markup? {
        if models.isEmpty { return nil }
        return .group(
            models.enumerated().flatMap { place, model in
                (place == 0 ? [] : [Markup.text(", ")]) + [
                    viewer.mayRead(model)
                        ? Parts.link(model, to: Address.erased(model)) : .text(model)
                ]
            })
    }

    private func kept(_ objects: [KeptObject], _ viewer: Viewer) -> Markup {
        if objects.isEmpty { return .group([]) }
        return Parts.section(
            "What stays", id: "kept",
            [
                Parts.table(
                    "Objects with a tombstone that something else still needs",
                    ["SHA-256", "Size", "Held by"], numbers: [1], long: [0],
                    objects.prefix(500).map { one in
                        [
                            Parts.code(one.digest.hex), .text(Words.size(one.sizeBytes)),
                            viewer.mayHear(one.holder)
                                ? SearchPage.versionLink(one.holder) : .text("something else"),
                        ]
                    })
            ])
    }

    private func copies(_ copies: [CopyExpiry]) -> Markup {
        if copies.isEmpty { return .group([]) }
        return Parts.section(
            "Copies elsewhere", id: "copies",
            [
                Parts.text("What the operator said; Lethe cannot look into them."),
                Parts.table(
                    "Replicas and backups", ["Copy", "Kind", "Has let go by"],
                    copies.map {
                        [.text($0.name), .text($0.kind.rawValue), Parts.time($0.expires)]
                    }),
            ])
    }

    private static let limits = Parts.section(
        "What a receipt does not prove", id: "limits",
        [
            Parts.list([
                .text("That no copy is left that nobody named."),
                .text("That the disk itself no longer holds the bytes of removed files."),
            ])
        ])
}
