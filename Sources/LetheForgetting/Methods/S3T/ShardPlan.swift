public import LetheRecords
public import LetheVision

/// Where a sample stands in a dataset: never its pixels, never its label.
public struct SamplePosition: Codable, Sendable, Hashable, Comparable {
    /// The split.
    public let split: String
    /// The position in the split, from 0.
    public let index: Int

    /// Names a position.
    public init(split: String, index: Int) {
        self.split = split
        self.index = index
    }

    /// The position of a sample.
    public init(_ sample: Sample) {
        self.init(split: sample.split, index: sample.index)
    }

    /// Orders by split, then by position.
    public static func < (left: SamplePosition, right: SamplePosition) -> Bool {
        (left.split, left.index) < (right.split, right.index)
    }
}

/// How a training set is cut into shards and slices, and in which orders each shard's slices are
/// trained (S3T, arXiv:2406.16257).
///
/// Whoever knows which samples share a slice can kill a shard with few requests, so a plan is as
/// secret as the seed that it was made from; the seed is not part of it.
public struct ShardPlan: Codable, Sendable, Hashable {
    /// The samples of one ensemble member and the orders of its slices.
    public struct Shard: Codable, Sendable, Hashable {
        /// The samples of each slice, in ascending order.
        public let slices: [[SamplePosition]]
        /// Distinct orders of all slices; each is trained in as many stages.
        public let sequences: [[Int]]
    }

    /// What the positions point into: the digest of the dataset's record.
    public let dataset: Digest
    /// Disjoint parts of the training set.
    public let shards: [Shard]

    /// How many slices every shard has.
    public var sliceCount: Int { shards.first?.slices.count ?? 0 }

    /// What stage files name this plan by.
    ///
    /// - Throws: `malformed` if the plan does not encode.
    public func digest() throws(LetheError) -> Digest {
        Digest(hashing: try CanonicalJSON.encode(self))
    }

    /// Reads a plan from its canonical JSON.
    ///
    /// - Throws: `malformed` for other bytes, and for a plan whose shards overlap or whose orders are
    ///   none.
    public init(canonical bytes: [UInt8]) throws(LetheError) {
        self = try CanonicalJSON.decode(ShardPlan.self, from: bytes)
        try check()
    }

    init(dataset: Digest, shards: [Shard]) throws(LetheError) {
        self.dataset = dataset
        self.shards = shards
        try check()
    }

    /// The slice that holds a sample; nil if the plan does not have it.
    public func place(of sample: SamplePosition) -> SlicePlace? {
        for (number, shard) in shards.enumerated() {
            if let slice = shard.slices.firstIndex(where: { $0.contains(sample) }) {
                return SlicePlace(shard: number, slice: slice)
            }
        }
        return nil
    }

    /// The slices that a stage is trained on, in the order of its sequence; nil if the plan has no
    /// such stage.
    public func slices(of place: StagePlace) -> [Int]? {
        guard shards.indices.contains(place.shard),
            shards[place.shard].sequences.indices.contains(place.sequence),
            (1...max(1, sliceCount)).contains(place.stage)
        else { return nil }
        return Array(shards[place.shard].sequences[place.sequence].prefix(place.stage))
    }

    /// The samples that a stage is trained on, slice after slice; empty if there is no such stage.
    func samples(of place: StagePlace) -> [SamplePosition] {
        (slices(of: place) ?? []).flatMap { shards[place.shard].slices[$0] }
    }

    private func check() throws(LetheError) {
        let all = shards.flatMap { $0.slices.joined() }
        let isWhole =
            sliceCount > 0 && all.allSatisfy { $0.index >= 0 } && Set(all).count == all.count
            && shards.allSatisfy { shard in
                shard.slices.count == sliceCount && !shard.slices.contains(where: \.isEmpty)
                    && !shard.sequences.isEmpty
                    && shard.sequences.allSatisfy { $0.sorted() == Array(0..<sliceCount) }
                    && Set(shard.sequences).count == shard.sequences.count
            }
        guard !isWhole else { return }
        throw LetheError(
            code: .malformed,
            message:
                "The plan is not one of disjoint shards with equally many slices, none of them "
                + "empty, and distinct orders of all of a shard's slices.",
            remedy: "Make the plan anew from the dataset.")
    }
}
