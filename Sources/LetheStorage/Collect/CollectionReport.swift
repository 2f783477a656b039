public import LetheRecords

/// An object that garbage collection removed, or would remove.
public struct CollectedObject: Sendable, Hashable {
    /// Its name.
    public let digest: Digest
    /// Its length in bytes.
    public let sizeBytes: Int
    /// How long ago it was written, in seconds.
    public let ageSeconds: Int
}

/// How many objects of a kind there are, and their bytes.
public struct ObjectTally: Sendable, Hashable {
    /// How many.
    public internal(set) var count = 0
    /// Their bytes.
    public internal(set) var sizeBytes = 0

    mutating func add(_ sizeBytes: Int) {
        count += 1
        self.sizeBytes += sizeBytes
    }
}

/// What garbage collection did, or would do.
public struct CollectionReport: Sendable, Hashable {
    /// Whether nothing was changed.
    public internal(set) var isDryRun: Bool
    /// The objects that went, recipes first, then from the oldest to the youngest.
    public internal(set) var removed: [CollectedObject] = []
    /// What a reference reaches.
    public internal(set) var reachable = ObjectTally()
    /// What nothing reaches but is younger than the grace period, or belongs to such a recipe.
    public internal(set) var young = ObjectTally()
    /// What nothing reaches but a running command holds.
    public internal(set) var leased = ObjectTally()
    /// Temporary files, lock files and abandoned runs that went, relative to the registry.
    public internal(set) var leftovers: [String] = []
    /// Unfinished runs that stay, because the same command goes on with them.
    public internal(set) var keptRuns: [String] = []

    /// The bytes that were freed, or would be.
    public var removedSizeBytes: Int { removed.reduce(0) { $0 + $1.sizeBytes } }
}
