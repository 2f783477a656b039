import LetheRecords
import LetheTensor
import LetheVision

/// How much of a network is pruned, by what and when, read from a recipe.
struct PruningPlan: Sendable {
    /// What makes a weight worth keeping.
    enum Score: String, CaseIterable, Sendable {
        /// Its absolute value.
        case magnitude
        /// How much of the flow through the network passes it (SynFlow).
        case synFlow = "synflow"
    }

    /// The share of the prunable weights that is zero in the end; 0 prunes nothing.
    let sparsity: Double
    let score: Score
    /// One round is OMP, several are IMP.
    let roundCount: Int
    /// Epochs before the first round, in which nothing is pruned.
    let denseEpochCount: Int
    /// In how many passes SynFlow takes a round's weights away.
    let scoringPassCount: Int

    /// Reads the plan.
    init(_ reader: inout ParameterReader, sparsity defaultSparsity: Double) throws(LetheError) {
        sparsity = try reader.number("sparsity", default: defaultSparsity, in: 0...0.999_999)
        score = try reader.choice("pruningScore", default: .magnitude)
        roundCount = try reader.integer("roundCount", default: 1, in: 1...1000)
        denseEpochCount = try reader.integer("denseEpochCount", default: 0, in: 0...100_000)
        scoringPassCount = try reader.integer("scoringPassCount", default: 100, in: 1...10_000)
    }

    /// The share that is zero after a round, counted from 0: each takes the same part of the rest.
    func share(round: Int) -> Double {
        1 - MagnitudePruning.power(1 - sparsity, Double(round + 1) / Double(roundCount))
    }

    /// The first step of every round; the epochs after the dense ones are divided evenly.
    func firstSteps(stepCount: Int, stepsPerEpoch: Int) -> [Int] {
        guard sparsity > 0 else { return [] }
        let dense = min(denseEpochCount * stepsPerEpoch, stepCount)
        let length = max(1, (stepCount - dense) / roundCount)
        return (0..<roundCount).map { dense + $0 * length }.filter { $0 < stepCount }
    }

    /// Prunes a model in place, up to the share of a round.
    ///
    /// - Parameter imageShape: [C, H, W] of the images that it takes.
    func prune(
        _ model: any ImageClassifier, round: Int, imageShape: [Int]
    ) throws(LetheError) {
        switch score {
        case .magnitude:
            try MagnitudePruning.prune(
                model.weights.map(\.tensor), share: share(round: round),
                classCount: model.classCount)
        case .synFlow:
            try SynapticFlow.prune(
                model, imageShape: imageShape, share: share(round: round),
                passCount: scoringPassCount)
        }
    }
}
