import Foundation
import LetheRecords
import LetheVision

/// The hyper-parameters of a training or fine-tuning run, read strictly from a recipe.
struct TrainParameters: Sendable {
    /// The method's name in recipes.
    static let method = "train"

    /// Passes over the training samples.
    let epochCount: Int
    /// Samples of a step.
    let batchSize: Int
    /// The shape of the learning rate.
    let scheduleShape: LearningRateSchedule.Shape
    /// The highest learning rate.
    let learningRate: Double
    /// The last learning rate as a fraction of the highest, for the cosine.
    let finalLearningRateFraction: Double
    /// The share of all steps on the way up.
    let warmUpFraction: Double
    /// AdamW's decoupled weight decay; biases, norms and embeddings are left alone.
    let weightDecay: Double
    /// AdamW's decay of squared gradients.
    let beta2: Double
    /// The share of each label that is spread over all classes.
    let labelSmoothing: Double
    /// Gradients are scaled down to this joint norm; 0 leaves them.
    let gradientNormLimit: Double
    /// Whether images are mirrored at random.
    let flips: Bool
    /// How many pixels images are moved at random, in each direction.
    let shiftPixels: Int
    /// So many blocks are trained, counted from the head, and what lies below stays as it is; 0 for all.
    let trainedBlockCount: Int
    /// Only the first so many training samples of each class; 0 for all.
    let samplesPerClass: Int
    /// Every how-many-th sample of a class is kept for validation.
    let validationInterval: Int
    /// Validation samples used of each class; 0 for all.
    let validationSamplesPerClass: Int
    /// Every how many epochs the validation samples are measured.
    let checkIntervalEpochs: Int
    /// The validation accuracy that counts as success, in 0...1.
    let goalAccuracy: Double
    /// Samples of one evaluation batch.
    let evaluationBatchSize: Int
    /// Which weights are delivered.
    let selection: WeightSelection
    /// With how many bits the model computes while it is trained, and is delivered.
    let quantization: QuantizationPlan
    /// How the model is pruned while it is trained.
    let pruning: PruningPlan

    /// Every value, defaults filled in.
    let resolved: JSONValue

    /// Reads a recipe.
    ///
    /// - Throws: `invalidArgument` for a name or value that makes no sense, with a suggestion.
    init(_ recipe: Recipe) throws(LetheError) {
        var reader = try ParameterReader(recipe, method: Self.method)
        epochCount = try reader.integer("epochCount", default: 10, in: 1...100_000)
        batchSize = try reader.integer("batchSize", default: 128, in: 1...65_536)
        scheduleShape = try reader.choice("schedule", default: .cosine)
        learningRate = try reader.number("learningRate", default: 1e-3, in: 0...10)
        finalLearningRateFraction = try reader.number(
            "finalLearningRateFraction", default: 0.01, in: 0...1)
        warmUpFraction = try reader.number("warmUpFraction", default: 0.1, in: 0...1)
        weightDecay = try reader.number("weightDecay", default: 0.05, in: 0...10)
        beta2 = try reader.number("beta2", default: 0.999, in: 0...0.999_999)
        labelSmoothing = try reader.number("labelSmoothing", default: 0.05, in: 0...0.999)
        gradientNormLimit = try reader.number("gradientNormLimit", default: 1, in: 0...1e6)
        flips = try reader.flag("flips", default: true)
        shiftPixels = try reader.integer("shiftPixels", default: 2, in: 0...64)
        trainedBlockCount = try reader.integer("trainedBlockCount", default: 0, in: 0...10_000)
        samplesPerClass = try reader.integer("samplesPerClass", default: 0, in: 0...10_000_000)
        validationInterval = try reader.integer("validationInterval", default: 20, in: 2...1000)
        validationSamplesPerClass = try reader.integer(
            "validationSamplesPerClass", default: 0, in: 0...1_000_000)
        checkIntervalEpochs = try reader.integer("checkIntervalEpochs", default: 1, in: 1...100_000)
        goalAccuracy = try reader.number("goalAccuracy", default: 0, in: 0...1)
        evaluationBatchSize = try reader.integer("evaluationBatchSize", default: 256, in: 1...4096)
        selection = try reader.choice("selection", default: WeightSelection.last)
        quantization = try QuantizationPlan(&reader)
        pruning = try PruningPlan(&reader, sparsity: 0)
        resolved = try reader.finish()
        try requireFixedImages()
    }

    /// What lies below the trained blocks is computed once, from images that stay the same.
    private func requireFixedImages() throws(LetheError) {
        guard trainedBlockCount > 0, flips || shiftPixels > 0 else { return }
        throw LetheError(
            code: .invalidArgument,
            message: "With a trainedBlockCount images are neither mirrored nor moved.",
            remedy: "Set flips to false and shiftPixels to 0, or trainedBlockCount to 0.")
    }

    /// The position of the first block that is trained; 0 for the whole network.
    func firstTrainedBlock(of model: any ImageClassifier) -> Int {
        guard trainedBlockCount > 0 else { return 0 }
        return max(0, model.adapterBlocks.count - trainedBlockCount)
    }

    /// The schedule for a run of so many steps.
    func schedule(totalSteps: Int) -> LearningRateSchedule {
        LearningRateSchedule(
            shape: scheduleShape, peak: learningRate, finalFraction: finalLearningRateFraction,
            warmUpSteps: Int((warmUpFraction * Double(totalSteps)).rounded()),
            totalSteps: totalSteps)
    }
}
