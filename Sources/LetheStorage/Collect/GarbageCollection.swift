public import LetheRecords

/// Removes the objects that nothing reaches: no reference, no running command, and not young.
///
/// It may run beside writers, readers and other collections, and may be killed at any point: an
/// object is removed whole or not at all, and a later run goes on. Each object is decided on and
/// removed inside the transaction that leases are taken in (`Leases`), with the references as they
/// are in that moment: a writer moves its reference before it gives its leases back, so whoever
/// sees no lease sees the reference.
public struct GarbageCollection: Sendable {
    /// What younger objects are left alone for, unless somebody says otherwise: 14 days.
    public static let defaultGraceSeconds = 14 * 24 * 3600

    /// Objects that were written less long ago than this stay, in seconds.
    public var graceSeconds = GarbageCollection.defaultGraceSeconds
    /// Unfinished runs that nobody touched for this long go, in seconds: 180 days.
    public var runGraceSeconds = 180 * 24 * 3600
    /// Whether to change nothing and only say what would go.
    public var isDryRun = false
    /// Commits that count as reached though no reference points at them yet, such as one that the
    /// log has and whose reference the next writer will move; asked again at each decision.
    public var pendingCommits: @Sendable () throws(LetheError) -> [CommitID] = {
        () throws(LetheError) in []
    }
    /// Objects that signed tombstones name: a recipe among them that is gone is no damage.
    public var erasedObjects: @Sendable () throws(LetheError) -> Set<Digest> = {
        () throws(LetheError) in []
    }
    /// How many objects are decided on in one transaction; writers wait for it.
    var batchCount = 64

    private let storage: RegistryStorage
    private let now: Timestamp

    /// Prepares to collect the garbage of a registry, at a time that decides what is young.
    public init(_ storage: RegistryStorage, now: Timestamp) {
        self.storage = storage
        self.now = now
    }

    /// Runs the collection.
    ///
    /// - Throws: `integrity` if a reference, commit, text or recipe cannot be read, because then
    ///   nobody knows what it needs; `io`, `conflict`. What was removed by then is no loss.
    public func run(
        progress: ProgressHandler = { _ in }
    ) throws(LetheError) -> CollectionReport {
        if !isDryRun { try storage.requireWritable() }
        var report = CollectionReport(isDryRun: isDryRun)
        var reached = Reachability(
            storage, pendingCommits: pendingCommits, erasedObjects: erasedObjects)
        try reached.update()
        let garbage = try garbage(&reached, &report)
        var done = 0
        for start in stride(from: 0, to: garbage.count, by: batchCount) {
            let batch = Array(garbage[start..<min(start + batchCount, garbage.count)])
            try isDryRun ? foresee(batch, &report) : remove(batch, &reached, &report)
            done += batch.count
            progress(
                Progress(phase: "collecting (objects)", done: done, total: garbage.count))
        }
        if !report.isDryRun { try RememberedStates.sweep(storage.objects) }
        if !report.isDryRun, !report.removed.isEmpty {
            // What was said to be gone does not come back when the power fails.
            try storage.files.syncFileSystem(of: storage.objects.folder)
        }
        try StaleFiles(storage, now: now, runGraceSeconds: runGraceSeconds)
            .remove(isDryRun: isDryRun, &report)
        return report
    }

    /// What may go, in the order in which it goes: recipes first, because without its recipe a
    /// part is of use to nobody, but a recipe without its parts promises what is not there.
    private func garbage(
        _ reached: inout Reachability, _ report: inout CollectionReport
    ) throws(LetheError) -> [UnreachedObject] {
        let found = try storage.objects.objects(except: reached.objects)
        // A pointer without a record names the file, and the recipe of that file gives it.
        for object in found {
            guard let recipe = object.recipe, reached.objects.contains(recipe.file) else {
                continue
            }
            try reached.reach(recipe, named: object.digest)
        }
        report.reachable = storage.objects.tally(of: reached.objects)
        let unreached = found.filter { !reached.objects.contains($0.digest) }
        let kept = needed(by: unreached.filter(isYoung), among: unreached)
        for object in unreached where kept.contains(object.digest) {
            report.young.add(object.status.sizeBytes)
        }
        return unreached.filter { !kept.contains($0.digest) }.sorted {
            (-($0.recipe?.height ?? 0), $0.status.modifiedNanoseconds, $0.digest.hex)
                < (-($1.recipe?.height ?? 0), $1.status.modifiedNanoseconds, $1.digest.hex)
        }
    }

    /// Young objects and everything that recipes among them need.
    private func needed(
        by young: [UnreachedObject], among objects: [UnreachedObject]
    ) -> Set<Digest> {
        let recipes = Dictionary(
            objects.compactMap { object in object.recipe.map { (object.digest, $0) } }
        ) { first, _ in first }
        var kept: Set<Digest> = []
        var waiting = young.map(\.digest)
        while let digest = waiting.popLast() {
            if kept.insert(digest).inserted { waiting += recipes[digest]?.needs ?? [] }
        }
        return kept
    }

    /// A file from the future is young: the clock went backwards, and nobody knows how old it is.
    private func isYoung(_ object: UnreachedObject) -> Bool {
        let age = object.age(at: now)
        return age < 0 || age < graceSeconds
    }

    private func foresee(_ batch: [UnreachedObject], _ report: inout CollectionReport) {
        let leased = storage.objects.leases.held(among: batch.map(\.digest))
        for object in batch {
            if leased.contains(object.digest) {
                report.leased.add(object.status.sizeBytes)
            } else {
                report.removed.append(collected(object))
            }
        }
    }

    private func remove(
        _ batch: [UnreachedObject], _ reached: inout Reachability,
        _ report: inout CollectionReport
    ) throws(LetheError) {
        for object in batch { try storage.files.step(.remove, object.path) }
        try storage.objects.leases.whileFrozen(asking: batch.map(\.digest)) {
            (leased) throws(LetheError) in
            try reached.update()
            for object in batch {
                if let recipe = object.recipe, reached.objects.contains(recipe.file) {
                    try reached.reach(recipe, named: object.digest)
                }
            }
            for object in batch where !reached.objects.contains(object.digest) {
                if leased.contains(object.digest) {
                    report.leased.add(object.status.sizeBytes)
                } else if try isAsSeen(object),
                    try storage.files.removeAnnounced(object.path)
                {
                    report.removed.append(collected(object))
                }
            }
        }
    }

    /// Whether this is still the file that was found old; a writer may have put it there again.
    private func isAsSeen(_ object: UnreachedObject) throws(LetheError) -> Bool {
        try FileStatus.of(object.path) == object.status
    }

    private func collected(_ object: UnreachedObject) -> CollectedObject {
        CollectedObject(
            digest: object.digest, sizeBytes: object.status.sizeBytes,
            ageSeconds: object.age(at: now))
    }
}
