internal import Foundation
internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Sends lines to a registry that has no machine of its own: first the objects that the bucket
/// lacks, then the lines in git, which says who was first, and last what was erased goes there.
///
/// What a receiving `lethe` would refuse is refused here, too, and again by everybody who fetches.
struct BucketDelivery {
    /// A line that shall move.
    private struct Move {
        let reference: ReferenceName
        let from: CommitID?
        let to: CommitID
        let versionCount: Int
    }

    private let registry: Registry
    private let place: BucketPlace
    private let store: BucketStore
    private let now: Timestamp
    private let progress: ProgressHandler
    private let sent = SentObjects()

    init(
        from registry: Registry, to place: BucketPlace, _ store: BucketStore,
        now: Timestamp, progress: @escaping ProgressHandler
    ) {
        self.registry = registry
        self.place = place
        self.store = store
        self.now = now
        self.progress = progress
    }

    /// Sends these lines, or all; one that fails does not stop the others.
    ///
    /// - Parameter keys: Opens the keys of this registry, if a receipt is to be signed.
    func run(
        _ names: [String], keys: (Registry) throws(LetheError) -> KeyFolder
    ) throws(LetheError) -> TransferReport {
        let state = try describe()
        let shadow = try place.shadow(state, for: registry.storage)
        let trusted = try RegistrySource(shadow.root).sealedKeys().keys
        var outcomes: [ReferenceName: (LineTransfer.Outcome, Int)] = [:]
        var moves: [Move] = []
        let lines = try registry.storage.lineage.chosenLines(names)
        for reference in lines {
            do throws(LetheError) {
                let (outcome, move) = try prepare(reference, shadow.storage, trusted)
                if let outcome { outcomes[reference] = (outcome, 0) }
                if let move { moves.append(move) }
            } catch {
                outcomes[reference] = (.failed(error), 0)
            }
        }
        try deliver(moves, &outcomes)
        var report = TransferReport()
        report.lines = lines.compactMap { name in
            outcomes[name].map {
                LineTransfer(reference: name, versionCount: $0.1, outcome: $0.0)
            }
        }
        report.tally = sent.tally
        report.erased = try erase(shadow.storage.lineage, keys)
        return report
    }

    /// What the registry there shows of itself: this one's description, if it is the first to push
    /// or the same that was; its own otherwise.
    private func describe() throws(LetheError) -> RemoteState {
        let mine = RemoteState(texts: try registry.storage.remoteState().texts, references: [:])
        do throws(LetheError) {
            let (theirs, tag) = try store.state()
            guard theirs != mine,
                let text = theirs.texts["registry.json"],
                let description = try? RegistryDescription.read(canonical: Array(text.utf8)),
                description.id == registry.description.id
            else { return theirs }
            try store.write(mine, replacing: tag)
        } catch  where error.code == .notFound {
            try store.write(mine, replacing: nil)
        }
        return mine
    }

    /// Compares a line and sends the objects that it needs.
    private func prepare(
        _ reference: ReferenceName, _ shadow: RegistryStorage, _ trusted: TrustedKeys
    ) throws(LetheError) -> (LineTransfer.Outcome?, Move?) {
        let transfer = RegistryTransfer(from: registry.storage, to: shadow)
        let (tip, before, comparison) = try transfer.compare(reference)
        let disagreement = LineDisagreement(
            reference: reference,
            target: .init(tip: before, lineage: shadow.lineage, name: place.text),
            source: .init(
                tip: tip, lineage: registry.storage.lineage,
                name: registry.storage.layout.root.path))
        switch comparison {
        case .same: return (.same, nil)
        case .ahead: return (.ahead, nil)
        case .diverged(let base): throw disagreement.conflict(after: base)
        case .unrelated: throw disagreement.unrelated()
        case .forward(let commits):
            for id in commits {
                try Registry.check(registry.storage.lineage.signature(of: id), of: id, trusted)
            }
            if reference.isModel { try send(commits, of: reference, after: before) }
            return (
                nil,
                Move(reference: reference, from: before, to: tip, versionCount: commits.count)
            )
        }
    }

    private func send(
        _ commits: [CommitID], of reference: ReferenceName, after before: CommitID?
    ) throws(LetheError) {
        let records = try registry.erasureRecords(of: reference.name)
        if let before {
            let version = try registry.version(at: before)
            // Whoever moved the line there has sent them; what was erased since may be gone.
            for file in records.erased.contains(version.reference) ? [] : version.storedFiles {
                sent.trust(try registry.storage.objects.parts(of: file))
            }
        }
        for (number, id) in commits.enumerated() {
            let version = try registry.version(at: id)
            let isErased = records.erased.contains(version.reference)
            let files = version.storedFiles.filter {
                !isErased || !records.erasedObjects.contains($0.assembly ?? $0.digest)
            }
            let lease = registry.storage.objects.leaseForReading(files)
            defer { withExtendedLifetime(lease) {} }
            for file in files {
                for object in try registry.storage.objects.parts(of: file) {
                    try send(object) { done in
                        progress(
                            Progress(
                                phase: "\(reference.name), \(number + 1) of \(commits.count) "
                                    + "versions (bytes)", done: done,
                                total: max(done, file.sizeBytes)))
                    }
                }
            }
        }
    }

    private func send(
        _ object: ErasedObject, _ onBytes: (Int) -> Void
    ) throws(LetheError) {
        guard !sent.contains(object) else { return }
        let isNew = try store.put(object, from: registry.storage.objects) { count in
            sent.count(count)
            onBytes(sent.doneBytes)
        }
        sent.add(object, isNew: isNew)
    }

    /// Moves the lines in git: decisions before the versions that they are about.
    private func deliver(
        _ moves: [Move], _ outcomes: inout [ReferenceName: (LineTransfer.Outcome, Int)]
    ) throws(LetheError) {
        for group in [moves.filter { !$0.reference.isModel }, moves.filter(\.reference.isModel)]
        where !group.isEmpty {
            let failures = try place.lineage.move(
                group.map { ($0.reference, $0.to) }, from: registry.storage.lineage)
            for move in group {
                let failure = failures[move.reference]
                outcomes[move.reference] =
                    failure.map { (.failed($0), 0) }
                    ?? (.moved(from: move.from, to: move.to), move.versionCount)
            }
        }
    }

    /// Erases there what was purged here, and sends the receipt.
    private func erase(
        _ shadow: Lineage, _ keys: (Registry) throws(LetheError) -> KeyFolder
    ) throws(LetheError) -> [ErasedObject] {
        let there = try place.lineage.lines()
        var models: [String] = []
        for model in try registry.modelsWithErasures() {
            let name = try ReferenceName.erasure(of: model)
            let tip = try registry.storage.lineage.target(of: name)
            if tip != nil, tip == there[name] { models.append(model) }
        }
        let erasure = BucketErasure(
            registry: registry, place: place, store: store, shadow: shadow)
        let (removed, receipt) = try erasure.run(models, now: now)
        guard let receipt else { return removed }
        let line = try registry.receiptLine()
        try line.append(
            receipt.canonicalBytes(), as: .receipt,
            summary: "Receipt for \(receipt.gone.count) objects erased in a bucket",
            keys: keys(registry), now: now)
        if let tip = try registry.storage.lineage.target(of: line.reference) {
            let failures = try place.lineage.move(
                [(line.reference, tip)], from: registry.storage.lineage)
            if let failure = failures.values.first { throw failure }
        }
        return removed
    }
}

/// What a delivery has sent.
private final class SentObjects {
    private(set) var tally = TransferTally()
    private(set) var doneBytes = 0
    private var known: Set<Digest> = []

    func trust(_ objects: [ErasedObject]) { known.formUnion(objects.map(\.digest)) }
    func contains(_ object: ErasedObject) -> Bool { known.contains(object.digest) }
    func count(_ bytes: Int) { doneBytes += bytes }

    func add(_ object: ErasedObject, isNew: Bool) {
        known.insert(object.digest)
        guard isNew else { return }
        tally.add(TransferTally(objectCount: 1, objectSizeBytes: object.sizeBytes))
    }
}
