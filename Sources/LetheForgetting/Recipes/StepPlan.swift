import LetheRecords
import LetheTensor

/// How a method that changes weights as they are moves them, read from a recipe.
struct StepPlan: Sendable {
    /// The optimisers that a recipe can name.
    enum Algorithm: String, CaseIterable, Sendable {
        /// Stochastic gradient descent with momentum.
        case sgd
        /// AdamW; without weight decay it is Adam.
        case adamW = "adamw"
    }

    /// What a method starts from where its recipe is silent.
    struct Defaults {
        var epochCount = 10
        var learningRate = 0.01
        var algorithm = Algorithm.sgd
        var weightDecay = 5e-4
    }

    /// Passes; what a pass is, the method says.
    let epochCount: Int
    /// Which optimiser.
    let algorithm: Algorithm
    /// The highest learning rate.
    let learningRate: Double
    /// The share of the last step that SGD repeats.
    let momentum: Double
    /// For SGD part of the gradient, for AdamW decoupled from it.
    let weightDecay: Double
    /// The shape of the learning rate.
    let scheduleShape: LearningRateSchedule.Shape
    /// The last learning rate as a fraction of the highest, for the cosine.
    let finalLearningRateFraction: Double
    /// The share of all steps on the way up.
    let warmUpFraction: Double
    /// Gradients are scaled down to this joint norm; 0 leaves them.
    let gradientNormLimit: Double
    /// Every how many epochs the validation samples are measured.
    let checkIntervalEpochs: Int
    /// Which weights are delivered.
    let selection: WeightSelection

    /// Reads the plan of a method.
    init(_ reader: inout ParameterReader, _ defaults: Defaults) throws(LetheError) {
        epochCount = try reader.integer(
            "epochCount", default: defaults.epochCount, in: 1...100_000)
        algorithm = try reader.choice("optimizer", default: defaults.algorithm)
        learningRate = try reader.number(
            "learningRate", default: defaults.learningRate, in: 0...100)
        momentum = try reader.number("momentum", default: 0.9, in: 0...0.999_999)
        weightDecay = try reader.number("weightDecay", default: defaults.weightDecay, in: 0...10)
        scheduleShape = try reader.choice("schedule", default: .constant)
        finalLearningRateFraction = try reader.number(
            "finalLearningRateFraction", default: 0.01, in: 0...1)
        warmUpFraction = try reader.number("warmUpFraction", default: 0, in: 0...1)
        gradientNormLimit = try reader.number("gradientNormLimit", default: 0, in: 0...1e6)
        checkIntervalEpochs = try reader.integer("checkIntervalEpochs", default: 1, in: 1...100_000)
        selection = try reader.choice("selection", default: WeightSelection.last)
    }

    /// The optimiser over some tensors.
    func optimizer(_ parameters: [Tensor]) throws(LetheError) -> any Optimizer {
        switch algorithm {
        case .sgd:
            return try SGD(
                parameters: parameters, learningRate: learningRate, momentum: momentum,
                weightDecay: weightDecay)
        case .adamW:
            return try AdamW(
                parameters: parameters, learningRate: learningRate, weightDecay: weightDecay)
        }
    }

    /// The loop's plan for so many steps.
    func loop(stepCount: Int) -> LoopPlan {
        let stepsPerEpoch = max(1, stepCount / epochCount)
        return LoopPlan(
            stepCount: stepCount,
            schedule: LearningRateSchedule(
                shape: scheduleShape, peak: learningRate,
                finalFraction: finalLearningRateFraction,
                warmUpSteps: Int((warmUpFraction * Double(stepCount)).rounded()),
                totalSteps: stepCount),
            gradientNormLimit: gradientNormLimit,
            checkIntervalSteps: checkIntervalEpochs * stepsPerEpoch, minimumStepCount: 0,
            stopsAfterChecks: nil, selection: selection)
    }
}
