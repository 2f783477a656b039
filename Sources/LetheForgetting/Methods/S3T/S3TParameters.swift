import Foundation
import LetheRecords

/// The hyper-parameters of S3T's stages, read strictly from a recipe.
///
/// Defaults are those of the authors' ViT runs (methods.md 2.5): r 16, alpha 16 with the
/// rank-stabilised scale, 15 epochs a stage, AdamW at 2e-4 with linear decay, batches of 128. What they
/// have and we have not: dropout on the low-rank path, random crops, and weights selected on test data.
struct S3TParameters: Sendable {
    /// The method's name in recipes.
    static let method = "s3t"

    /// The shapes of the learning rate.
    enum Decay: String, CaseIterable, Sendable {
        /// Down to zero in a straight line.
        case linear
        /// Down to zero as half a cosine.
        case cosine
    }

    /// The rank r of every update.
    let rank: Int
    /// The numerator of the scale.
    let alpha: Double
    /// Passes over the slices of a stage.
    let epochCount: Int
    /// Samples of a step.
    let batchSize: Int
    /// The first learning rate of a stage.
    let learningRate: Double
    /// How it falls.
    let decay: Decay
    /// AdamW's decoupled weight decay.
    let weightDecay: Double
    /// Gradients are scaled down to this joint norm; 0 leaves them.
    let gradientNormLimit: Double
    /// The share of each label that is spread over all classes.
    let labelSmoothing: Double
    /// Whether images are mirrored at random.
    let flips: Bool
    /// How many pixels images are moved at random, in each direction.
    let shiftPixels: Int
    /// Shards, slices and orders.
    let plan: S3TPlanParameters
    /// Every value, defaults filled in.
    let resolved: JSONValue

    /// Reads a recipe.
    ///
    /// - Throws: `invalidArgument` for a name or value that makes no sense, with a suggestion.
    init(_ recipe: Recipe) throws(LetheError) {
        var reader = try ParameterReader(recipe, method: Self.method)
        rank = try reader.integer("rank", default: 16, in: 1...4096)
        alpha = try reader.number("alpha", default: 16, in: 0...1e6)
        epochCount = try reader.integer("epochCount", default: 15, in: 1...100_000)
        batchSize = try reader.integer("batchSize", default: 128, in: 1...65_536)
        learningRate = try reader.number("learningRate", default: 2e-4, in: 0...10)
        decay = try reader.choice("decay", default: .linear)
        weightDecay = try reader.number("weightDecay", default: 0, in: 0...10)
        gradientNormLimit = try reader.number("gradientNormLimit", default: 1, in: 0...1e6)
        labelSmoothing = try reader.number("labelSmoothing", default: 0, in: 0...0.999)
        flips = try reader.flag("flips", default: true)
        shiftPixels = try reader.integer("shiftPixels", default: 0, in: 0...64)
        plan = try S3TPlanParameters(&reader)
        resolved = try reader.finish()
    }

    /// The rank-stabilised factor before B A: alpha / sqrt(r) (arXiv:2312.03732).
    var scale: Double { alpha / Double(rank).squareRoot() }

    /// How a stage of so many samples goes: always to the end, and its last weights are kept.
    func loop(sampleCount: Int) -> LoopPlan {
        let stepCount = epochCount * ((sampleCount + batchSize - 1) / batchSize)
        return LoopPlan(
            stepCount: stepCount,
            schedule: LearningRateSchedule(
                shape: decay == .linear ? .linear : .cosine, peak: learningRate, finalFraction: 0,
                warmUpSteps: 0, totalSteps: stepCount),
            gradientNormLimit: gradientNormLimit, checkIntervalSteps: stepCount,
            minimumStepCount: 0, stopsAfterChecks: nil, selection: .last)
    }
}
