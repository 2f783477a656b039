/// The public part of a plan of shards and slices: `s3t-plan.json` (S3T, arXiv:2406.16257).
///
/// It says which keyed commitments lie in which slice. Which sample a commitment belongs to, only
/// the holder of the commitment key can find out; so nobody else can aim requests at a slice.
public struct ShardPlanRecord: Record {
    /// The schema's name.
    public static let schemaName = "lethe.s3t-plan.v1"
    /// The file in a version.
    public static let fileName = "s3t-plan.json"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The data.
    public var dataset: DatasetReference
    /// The split whose samples are dealt out.
    public var split: String
    /// Which key commits to the samples (`CommitmentKey.identifier`).
    public var commitmentKey: String
    /// Fewer living sequences of a shard than this raise an alarm.
    public var sequenceMinimum: Int
    /// The shards.
    public var shards: [PlannedShard]

    /// Describes a plan; each slice's commitments are put in ascending order.
    public init(
        dataset: DatasetReference, split: String, commitmentKey: String, sequenceMinimum: Int,
        shards: [PlannedShard]
    ) {
        self.dataset = dataset
        self.split = split
        self.commitmentKey = commitmentKey
        self.sequenceMinimum = sequenceMinimum
        self.shards = shards
    }

    /// How many slices every shard has, which is also how many groups the layers are cut into.
    public var sliceCount: Int { shards.first?.slices.count ?? 0 }

    /// Reads a plan.
    ///
    /// - Throws: `malformed` for other bytes, and for slices or orders that are none.
    public static func read(plan bytes: [UInt8]) throws(LetheError) -> ShardPlanRecord {
        let plan = try read(canonical: bytes)
        let isWhole =
            plan.sliceCount > 0
            && plan.shards.allSatisfy { shard in
                shard.slices.count == plan.sliceCount
                    && shard.slices.allSatisfy { !$0.isEmpty && $0 == $0.sorted() }
                    && shard.sequences.allSatisfy { $0.sorted() == Array(0..<plan.sliceCount) }
            }
        guard isWhole else {
            throw LetheError(
                code: .malformed,
                message: "The plan is not one of shards with equally many slices in order and "
                    + "orders of all of them.",
                remedy: "Fetch the version again.")
        }
        return plan
    }

    /// Every slice that holds one of these samples; a sample that occurs twice may be in two.
    public func slices(holding commitments: Set<Digest>) -> [SlicePlace] {
        shards.enumerated().flatMap { number, shard in
            shard.slices.indices.filter { !commitments.isDisjoint(with: shard.slices[$0]) }
                .map { SlicePlace(shard: number, slice: $0) }
        }
    }
}

/// The slices of an ensemble member, and the orders in which they are trained.
public struct PlannedShard: Codable, Sendable, Equatable {
    /// The keyed commitments to the samples of each slice, ascending.
    public var slices: [[Digest]]
    /// Orders of all slices; each is trained in as many stages.
    public var sequences: [[Int]]

    /// Describes a shard.
    public init(slices: [[Digest]], sequences: [[Int]]) {
        self.slices = slices.map { $0.sorted() }
        self.sequences = sequences
    }
}

/// The samples that a request had deleted: `deletions/<request>.json`.
public struct Deletion: Record {
    /// The schema's name.
    public static let schemaName = "lethe.deletion.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The id of the request.
    public var request: String
    /// Keyed commitments to the samples, group after group: a group for each class that the request
    /// names, by ascending label and in stored order, or one group of samples.
    public var groups: [[Digest]]

    /// Lists samples.
    public init(request: String, groups: [[Digest]]) {
        self.request = request
        self.groups = groups
    }

    /// Every sample.
    public var commitments: Set<Digest> { Set(groups.joined()) }

    /// What the request must commit to: the root over the groups' roots.
    public var root: Digest { Self.root(of: groups) }

    /// The RFC 6962 root over the roots of groups.
    public static func root(of groups: [[Digest]]) -> Digest {
        MerkleTree.root(of: groups.map(MerkleTree.root))
    }

    /// Where a version has the list of a request.
    public static func path(of request: String) -> String { "deletions/\(request).json" }
}
