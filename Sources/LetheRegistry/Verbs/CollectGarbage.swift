public import LetheRecords
public import LetheStorage

/// What garbage collection shall spare.
public struct CollectionOrder: Sendable {
    /// Objects that were written less long ago than this stay, in seconds.
    public var graceSeconds: Int
    /// Whether to change nothing and only say what would go.
    public var isDryRun: Bool

    /// Puts an order together; the grace period is 14 days unless another is named.
    public init(
        graceSeconds: Int = GarbageCollection.defaultGraceSeconds, isDryRun: Bool = false
    ) {
        self.graceSeconds = graceSeconds
        self.isDryRun = isDryRun
    }
}

extension Registry {
    /// Removes the objects that no version needs, no running command holds and that are not young;
    /// safe beside everything else that runs.
    ///
    /// - Throws: `invalidArgument` for a negative grace period; `integrity` if the lineage or a
    ///   recipe cannot be read: then nobody knows what is needed, and nothing more is removed.
    public func collectGarbage(
        _ order: CollectionOrder, now: Timestamp, progress: @escaping ProgressHandler
    ) throws(LetheError) -> CollectionReport {
        guard order.graceSeconds >= 0 else {
            throw LetheError(
                code: .invalidArgument, message: "A grace period is not negative.",
                remedy: "Write for example --grace 14d, or --grace 0d to spare nothing.")
        }
        var collection = GarbageCollection(storage, now: now)
        collection.graceSeconds = order.graceSeconds
        collection.isDryRun = order.isDryRun
        collection.pendingCommits = { () throws(LetheError) in try self.pendingCommits() }
        collection.erasedObjects = { () throws(LetheError) in try self.erasedContent().objects }
        return try collection.run(progress: progress)
    }

    /// Versions that are logged but whose writer died before their lines moved: the next writer
    /// moves them, so what they need stays.
    func pendingCommits() throws(LetheError) -> [CommitID] {
        guard let bytes = try storage.log.checkpointBytes() else { return [] }
        return try storage.pendingCommits(size: openCheckpoint(bytes).size)
    }
}
