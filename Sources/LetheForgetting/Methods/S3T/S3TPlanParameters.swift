import LetheRecords

/// How a training set is cut, read from a recipe of the method `s3t`.
struct S3TPlanParameters: Sendable {
    /// How orders of slices are chosen.
    enum Orders: String, CaseIterable, Sendable {
        /// Nothing is known about deletions.
        case rotation
        /// `sliceProbabilities` are known: the best assignment.
        case matching
        /// `sliceProbabilities` are known: drawn.
        case sampling
    }

    /// Which samples share a slice.
    enum Grouping: String, CaseIterable, Sendable {
        /// Dealt at random: nobody can aim, and every slice has every class.
        case random
        /// Classes stay together as far as slices allow, so that a request for a class hits few
        /// slices. Ours; a slice then is as guessable as its classes.
        case label
    }

    /// Members of the ensemble.
    let shardCount: Int
    /// Slices of a shard, and groups of layers.
    let sliceCount: Int
    /// Sequences of a shard that are trained in advance.
    let sequenceCount: Int
    /// How orders are chosen.
    let orders: Orders
    /// How likely a request hits each slice of a shard; empty where all are alike.
    let sliceProbabilities: [Double]
    /// Requests that are expected before the next training, for `matching`.
    let expectedDeletionCount: Int
    /// Which samples share a slice.
    let grouping: Grouping
    /// Fewer living sequences than this raise an alarm.
    let sequenceMinimum: Int

    /// Takes the plan's values out of a recipe.
    ///
    /// - Throws: `invalidArgument` for a value that makes no sense.
    init(_ reader: inout ParameterReader) throws(LetheError) {
        shardCount = try reader.integer("shardCount", default: 5, in: 1...10_000)
        sliceCount = try reader.integer("sliceCount", default: 4, in: 1...256)
        sequenceCount = try reader.integer("sequenceCount", default: 4, in: 1...10_000)
        orders = try reader.choice("orders", default: .rotation)
        sliceProbabilities = try reader.numbers("sliceProbabilities", in: 0...1)
        expectedDeletionCount = try reader.integer(
            "expectedDeletionCount", default: 10, in: 0...1_000_000)
        grouping = try reader.choice("grouping", default: .random)
        sequenceMinimum = try reader.integer("sequenceMinimum", default: 2, in: 0...10_000)
    }

    /// The choice of orders; slices are equally likely where the recipe does not say.
    var choice: SequenceChoice {
        let probabilities =
            sliceProbabilities.isEmpty
            ? Array(repeating: 1 / Double(sliceCount), count: sliceCount) : sliceProbabilities
        return switch orders {
        case .rotation: .rotation
        case .matching:
            .matching(probabilities: probabilities, deletionCount: expectedDeletionCount)
        case .sampling: .sampling(probabilities: probabilities)
        }
    }
}
