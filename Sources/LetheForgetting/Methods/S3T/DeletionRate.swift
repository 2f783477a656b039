internal import LetheRecords

/// How many requests a system of shards and slices survives before it must be trained anew, when each
/// request hits any slice with equal chance (S3T, section 4 of arXiv:2406.16257).
public struct DeletionRate: Sendable {
    /// Shards, each with an ensemble member.
    public let shardCount: Int
    /// Slices of a shard.
    public let sliceCount: Int
    /// Sequences trained for each shard; 1 is SISA with checkpoints.
    public let budget: Int

    /// Describes a system.
    public init(shardCount: Int, sliceCount: Int, budget: Int) {
        self.shardCount = shardCount
        self.sliceCount = sliceCount
        self.budget = budget
    }

    /// The expected number of requests: a sequence dies when its first slice is hit, so this is the
    /// coupon collector's problem with m min(B, L) coupons among m L.
    public var expected: Double {
        let coupons = shardCount * min(budget, sliceCount)
        let harmonic = (1...max(1, coupons)).reduce(0) { $0 + 1 / Double($1) }
        return Double(shardCount * sliceCount) * harmonic
    }

    /// The mean of `runCount` simulated lives, on the sequences and cuts that deletions really use.
    public func simulated(runCount: Int, seed: UInt64) -> Double {
        var random = SplitMix64(seed: seed)
        let sequences = CyclicSequences.make(sliceCount: sliceCount, budget: budget)
        let requestCount = (0..<runCount).reduce(0) { total, _ in
            total + life(of: sequences, &random)
        }
        return Double(requestCount) / Double(max(1, runCount))
    }

    private func life(of sequences: [[Int]], _ random: inout SplitMix64) -> Int {
        var shards = Array(repeating: ShardSequences(sequences), count: shardCount)
        var aliveCount = shardCount
        var requestCount = 0
        while aliveCount > 0 {
            requestCount += 1
            let slice = random.below(shardCount * sliceCount)
            let shard = slice / sliceCount
            let wasAlive = shards[shard].aliveCount > 0
            shards[shard].delete(slice: slice % sliceCount)
            if wasAlive, shards[shard].aliveCount == 0 { aliveCount -= 1 }
        }
        return requestCount
    }
}
