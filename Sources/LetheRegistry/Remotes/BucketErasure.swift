internal import LetheRecords
internal import LetheStorage

/// Removes from a bucket what tombstones name, and signs that it is gone.
///
/// Only tombstones count that a trusted key has signed and that the lineage there has; and nothing
/// goes that a version needs, of this registry or of the lines there that it does not have.
struct BucketErasure {
    let registry: Registry
    let place: BucketPlace
    let store: BucketStore
    /// The lineage there as it was, whose lines of others may need what was purged here.
    let shadow: Lineage

    /// Removes what has a tombstone.
    ///
    /// - Parameter models: Those whose decisions the lineage there has.
    /// - Returns: the objects that went, and the receipt to sign; nil if there is nothing to say.
    /// - Throws: `refused` if the keys of the bucket may not; `integrity` if nobody can know what
    ///   versions there need: then nothing is removed.
    func run(
        _ models: [String], now: Timestamp
    ) throws(LetheError) -> (removed: [ErasedObject], receipt: DeletionReceipt?) {
        let covered = Set(
            try registry.receipts().filter { $0.isAbout(bucket: place.text) }
                .flatMap(\.tombstones))
        let waiting = try models.mapping(registry.erasureRecords(of:)).flatMap(\.tombstones)
            .filter { !covered.contains($0.digest) }
        if waiting.isEmpty { return ([], nil) }
        let holders = try holders()
        var removed: Set<ErasedObject> = []
        var gone: Set<ErasedObject> = []
        var kept: Set<KeptObject> = []
        for object in Set(waiting.flatMap(\.record.objects)).sorted(by: { $0.digest < $1.digest }) {
            let isThere = try store.objects.contains(object.digest)
            if isThere, let holder = holders[object.digest] {
                kept.insert(
                    KeptObject(
                        digest: object.digest, sizeBytes: object.sizeBytes, holder: holder))
                continue
            }
            if isThere {
                try store.remove(object.digest)
                removed.insert(object)
            }
            gone.insert(object)
        }
        // What is held keeps its tombstone open: the next push looks again.
        let held = Set(kept.map(\.digest))
        let done = waiting.filter { $0.record.objects.allSatisfy { !held.contains($0.digest) } }
        let named = Set(done.flatMap(\.record.objects))
        let receipt = DeletionReceipt(
            registry: registry.description.id, tombstones: done.map(\.digest),
            gone: Array(gone.intersection(named)), kept: [],
            placesChecked: [DeletionReceipt.place(place.text)], copies: [], created: now)
        return (removed.sorted { $0.digest < $1.digest }, done.isEmpty ? nil : receipt)
    }

    /// What versions need: those here, and those there that are not here.
    private func holders() throws(LetheError) -> [Digest: String] {
        var needs = try registry.objectNeeds(besides: [])
        try needs.update()
        var holders = needs.holders
        for name in try shadow.lineNames() where name.isModel {
            guard let tip = try shadow.target(of: name) else { continue }
            for commit in try shadow.history(from: tip) {
                if try registry.storage.lineage.contains(commit.id) { continue }
                let version = try VersionIndexing.version(commit, in: shadow)
                for file in version.storedFiles {
                    for object in try store.objects.parts(of: file) {
                        holders[object.digest] = version.name
                    }
                }
            }
        }
        return holders
    }
}
