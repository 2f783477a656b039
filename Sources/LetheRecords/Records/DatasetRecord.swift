/// What a registry knows of a dataset: counts and keyed commitments, never samples.
public struct DatasetRecord: Record {
    /// The schema's name.
    public static let schemaName = "lethe.dataset.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The name in this registry.
    public var name: String
    /// `folder`, `tar`, `idx`, `cifar10` or `cifar100`.
    public var format: String
    /// How many classes the labels count.
    public var classCount: Int
    /// Which key commits to the samples (`CommitmentKey.identifier`).
    public var commitmentKey: String
    /// The splits, ordered by name.
    public var splits: [DatasetSplit]

    /// Describes a dataset; splits are put in order of their name.
    public init(
        name: String, format: String, classCount: Int, commitmentKey: String,
        splits: [DatasetSplit]
    ) {
        self.name = name
        self.format = format
        self.classCount = classCount
        self.commitmentKey = commitmentKey
        self.splits = splits.sorted { $0.name < $1.name }
    }
}

/// One split: how many samples of each class, and commitments to them.
public struct DatasetSplit: Sendable, Equatable, Codable {
    /// The split's name, for example `train` or `test`.
    public var name: String
    /// Samples of each class, by label.
    public var classSampleCounts: [Int]
    /// For each class the RFC 6962 Merkle root over the keyed commitments to its samples.
    public var classCommitments: [Digest]

    /// Describes a split.
    public init(name: String, classSampleCounts: [Int], classCommitments: [Digest]) {
        self.name = name
        self.classSampleCounts = classSampleCounts
        self.classCommitments = classCommitments
    }
}
