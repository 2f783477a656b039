public import LetheRecords

/// How the orders of a shard's slices are chosen.
public enum SequenceChoice: Sendable, Hashable {
    /// Nothing is known about deletions: rotations (`CyclicSequences`).
    case rotation
    /// It is known how likely a request hits each slice: the best assignment (`MatchedSequences`).
    case matching(probabilities: [Double], deletionCount: Int)
    /// The same, but drawn (`SampledSequences`); an order that is drawn twice is trained once.
    case sampling(probabilities: [Double])
}

extension ShardPlan {
    /// Deals samples to slices at random, so that nobody outside can aim at a slice.
    ///
    /// The seed should be 64 random bits, used for nothing else and kept apart from the plan. That
    /// the assignment is secret and random is our choice; the authors' code takes blocks of the data
    /// in stored order.
    ///
    /// - Parameters:
    ///   - dataset: The digest of the dataset's record.
    ///   - samples: The training set, without repetition, in any order: the plan does not depend on it.
    ///   - budget: Sequences of each shard; there are never more than there are orders.
    /// - Throws: `invalidArgument` for too few samples, repeated ones, or numbers below 1.
    public init(
        dataset: Digest, samples: [SamplePosition], shardCount: Int, sliceCount: Int, budget: Int,
        choice: SequenceChoice = .rotation, secretSeed: UInt64
    ) throws(LetheError) {
        guard shardCount >= 1, sliceCount >= 1, samples.count / sliceCount >= shardCount else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(samples.count) samples do not fill \(shardCount) shards of "
                    + "\(sliceCount) slices.",
                remedy: "Ask for at least one shard and slice, and for at most as many slices as "
                    + "there are samples.")
        }
        let sorted = samples.sorted()
        var source = RunSeed(seed: Int(truncatingIfNeeded: secretSeed), task: 0)
            .source("shard assignment", 0)
        var slices = Array(
            repeating: Array(repeating: [SamplePosition](), count: sliceCount), count: shardCount)
        for (turn, number) in source.permutation(sorted.count).enumerated() {
            let part = turn % (shardCount * sliceCount)
            slices[part / sliceCount][part % sliceCount].append(sorted[number])
        }
        try self.init(
            dataset: dataset, slices: slices, budget: budget, choice: choice, secretSeed: secretSeed
        )
    }

    /// Takes slices that were put together elsewhere, such as those of samples that are alike in how
    /// likely they are deleted: only then do probabilities of slices differ.
    ///
    /// - Parameter slices: The samples of each slice of each shard.
    /// - Throws: `invalidArgument` for overlapping or empty slices, or probabilities that are none.
    public init(
        dataset: Digest, slices: [[[SamplePosition]]], budget: Int,
        choice: SequenceChoice = .rotation, secretSeed: UInt64
    ) throws(LetheError) {
        let sliceCount = slices.first?.count ?? 0
        try choice.check(sliceCount: sliceCount, budget: budget)
        let seed = RunSeed(seed: Int(truncatingIfNeeded: secretSeed), task: 0)
        let shards = slices.enumerated().map { number, slices in
            Shard(
                slices: slices.map { $0.sorted() },
                sequences: choice.sequences(
                    sliceCount: sliceCount, budget: budget, shard: number, seed: seed))
        }
        do {
            try self.init(dataset: dataset, shards: shards)
        } catch {
            throw LetheError(
                code: .invalidArgument, message: error.message,
                remedy: "Give every sample once, and every shard the same number of slices.")
        }
    }
}

extension SequenceChoice {
    fileprivate func check(sliceCount: Int, budget: Int) throws(LetheError) {
        var isValid = budget >= 1
        switch self {
        case .rotation: break
        case .matching(let probabilities, let deletionCount):
            isValid = isValid && deletionCount >= 0 && Self.areValid(probabilities, sliceCount)
        case .sampling(let probabilities):
            isValid = isValid && Self.areValid(probabilities, sliceCount)
        }
        guard !isValid else { return }
        throw LetheError(
            code: .invalidArgument,
            message:
                "The orders of slices need a budget of at least 1 and, where probabilities are "
                + "given, one for each of the \(sliceCount) slices, together at most 1.",
            remedy: "Correct the budget or the probabilities.")
    }

    private static func areValid(_ probabilities: [Double], _ count: Int) -> Bool {
        probabilities.count == count && probabilities.allSatisfy { (0...1).contains($0) }
            && probabilities.reduce(0, +) <= 1 + 1e-9
    }

    fileprivate func sequences(
        sliceCount: Int, budget: Int, shard: Int, seed: RunSeed
    ) -> [[Int]] {
        switch self {
        case .rotation:
            return CyclicSequences.make(sliceCount: sliceCount, budget: budget)
        case .matching(let probabilities, let deletionCount):
            let all = MatchedSequences.make(
                probabilities: probabilities, deletionCount: deletionCount)
            return Array(all.prefix(budget))
        case .sampling(let probabilities):
            var source = seed.source("slice orders", shard)
            let drawn = SampledSequences.make(
                probabilities: probabilities, count: budget, using: &source)
            var seen: Set<[Int]> = []
            return drawn.filter { seen.insert($0).inserted }
        }
    }
}
