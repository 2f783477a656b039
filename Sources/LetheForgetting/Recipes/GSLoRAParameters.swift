import Foundation
import LetheRecords

/// The hyper-parameters of one GS-LoRA run, read strictly from a recipe.
struct GSLoRAParameters: Sendable {
    /// The method's name in recipes.
    static let method = "gs-lora"

    /// The rank r of every low-rank update; its scale is 1/r.
    let rank: Int
    /// Which layers are adapted.
    let adapterPlace: AdapterPlace
    /// How many blocks are adapted, counted from the head; 0 for all.
    ///
    /// Those below stay as they are and are computed once for each sample.
    let adaptedBlockCount: Int
    /// Squared slope of the Kaiming-uniform start of A in the first task (the paper's code: 5).
    let firstTaskSlopeSquared: Double
    /// The same for later tasks (the paper's code: 50).
    let laterTaskSlopeSquared: Double
    /// What the updates start from.
    let start: Start

    /// What the losses weigh.
    let losses: Losses
    /// What the terms on features weigh.
    let features: Features
    /// Which samples make up a step.
    let batches: Batches
    /// How the weights move.
    let optimization: Optimization
    /// When it is good enough.
    let goal: Goal
    /// Whether the norms and the cosine of forget and retain gradients are measured at each check.
    let monitorsGradients: Bool

    /// Every value, defaults filled in.
    let resolved: JSONValue

    /// The weights and bounds of the loss terms.
    struct Losses: Sendable {
        /// Weight of the cross entropy of retained samples.
        let retainWeight: Double
        /// Weight beta of the bounded forgetting loss.
        let forgetWeight: Double
        /// The bound BND in nats; by default 1.2 ln of the class count (methods.md 5.7).
        let forgetBound: Double
        /// How the group lasso shrinks the blocks.
        let groupLasso: GroupLassoForm
        /// Weight alpha of the group lasso.
        let groupLassoWeight: Double
        /// Added under each group's root, so that a zero group has a gradient.
        let groupLassoEpsilon: Double
        /// Weight of the hinge that keeps the logits of forgotten classes low on every sample.
        let suppressionWeight: Double
        /// How far, in nats, those logits are kept below the retained classes.
        let suppressionMargin: Double
        /// The same at the start of the ramp; negative where they may still lie above.
        let suppressionStartMargin: Double
        /// Bound and margin grow linearly to their values over so many steps; 1 for at once.
        let rampSteps: Int
        /// Weight of the distillation from the parent on retained samples.
        let retainDistillationWeight: Double
        /// Weight of the distillation from the parent, retained classes only, on forget samples.
        let forgetDistillationWeight: Double
    }

    /// The samples of a step.
    struct Batches: Sendable {
        /// Forget samples in a step.
        let forgetBatchSize: Int
        /// Retained samples in a step.
        let retainBatchSize: Int
        /// Forget samples used of each class; 0 for all.
        let forgetSamplesPerClass: Int
        /// Retained samples used of each class; 0 for all.
        let retainSamplesPerClass: Int
        /// Whether images are mirrored at random.
        let flips: Bool
        /// How many pixels images are moved at random, in each direction.
        let shiftPixels: Int
        /// Mixed images (two blended into one, parent as teacher) as a share of the batch.
        let mixedShare: Double
    }

    /// The optimiser and its schedule.
    struct Optimization: Sendable {
        /// The longest run.
        let stepCount: Int
        /// AdamW's decoupled weight decay.
        let weightDecay: Double
        /// AdamW's decay of squared gradients.
        let beta2: Double
        /// Added to AdamW's denominator.
        let epsilon: Double
        /// Each block's learning rate is that of the block after it times this; 1 for all alike.
        let blockDecay: Double
        /// Gradients are scaled down to this joint norm; 0 leaves them.
        let gradientNormLimit: Double
        /// The learning rate of every step.
        let schedule: LearningRateSchedule
    }

    /// When a run may stop, measured on the validation samples.
    struct Goal: Sendable {
        /// Every how many steps is measured.
        let checkIntervalSteps: Int
        /// No check before this many steps.
        let minimumStepCount: Int
        /// So many checks in a row must meet the goal.
        let checksInARow: Int
        /// The largest forget accuracy, in 0...1, beside what `chanceQuantile` allows.
        let forgetAccuracy: Double
        /// So many hits are allowed as this quantile of guessing gives; 0 allows none.
        let chanceQuantile: Double
        /// The forget samples' own class must lie this far, in nats, below the retained ones; as
        /// many samples as hits are allowed may do otherwise.
        let forgetMargin: Double
        /// The largest drop of the retained accuracy, in 0...1.
        let retainDrop: Double
        /// Every how-many-th sample of a class is kept for validation.
        let validationInterval: Int
        /// Validation samples used of each forgotten class; 0 for all.
        let forgetValidationSamplesPerClass: Int
        /// Validation samples used of each retained class; 0 for all.
        let retainValidationSamplesPerClass: Int
        /// Samples of one evaluation batch.
        let evaluationBatchSize: Int
        /// Which weights are delivered.
        let selection: WeightSelection
    }

    /// Reads a recipe for a head of so many classes.
    ///
    /// - Throws: `invalidArgument` for a name or value that makes no sense, with a suggestion.
    init(_ recipe: Recipe, classCount: Int) throws(LetheError) {
        var reader = try ParameterReader(recipe, method: Self.method)
        rank = try reader.integer("rank", default: 8, in: 1...256)
        adapterPlace = try reader.choice("adapterPlace", default: AdapterPlace.feedForward)
        adaptedBlockCount = try reader.integer("adaptedBlockCount", default: 0, in: 0...10_000)
        firstTaskSlopeSquared = try reader.number(
            "firstTaskSlopeSquared", default: 5, in: 0...1e6)
        laterTaskSlopeSquared = try reader.number(
            "laterTaskSlopeSquared", default: 50, in: 0...1e6)
        start = try Start(&reader)
        losses = try Losses(&reader, classCount: classCount)
        features = try Features(&reader)
        batches = try Batches(&reader)
        optimization = try Optimization(&reader)
        goal = try Goal(&reader)
        monitorsGradients = try reader.flag("monitorsGradients", default: false)
        resolved = try reader.finish()
        try requireFixedImages()
    }

    /// What lies below the adapted blocks is computed once, from images that stay the same.
    private func requireFixedImages() throws(LetheError) {
        guard adaptedBlockCount > 0, batches.flips || batches.shiftPixels > 0 else { return }
        throw LetheError(
            code: .invalidArgument,
            message: "With an adaptedBlockCount images are neither mirrored nor moved.",
            remedy: "Set flips to false and shiftPixels to 0, or adaptedBlockCount to 0.")
    }
}

extension GSLoRAParameters.Losses {
    /// How far the ramp has come after a step counted from 0, in 0...1.
    func ramp(_ step: Int) -> Double { min(1, Double(step + 1) / Double(rampSteps)) }

    /// BND at a step.
    func bound(step: Int) -> Double { forgetBound * ramp(step) }

    /// The margin of suppression at a step.
    func margin(step: Int) -> Double {
        suppressionMargin * ramp(step) + suppressionStartMargin * (1 - ramp(step))
    }

    init(_ reader: inout ParameterReader, classCount: Int) throws(LetheError) {
        retainWeight = try reader.number("retainWeight", default: 1, in: 0...1e3)
        forgetWeight = try reader.number("forgetWeight", default: 1, in: 0...1e3)
        forgetBound = try reader.number(
            "forgetBound", default: 1.2 * log(Double(max(2, classCount))), in: 0...1e3)
        groupLasso = try reader.choice("groupLasso", default: GroupLassoForm.subgradient)
        groupLassoWeight = try reader.number("groupLassoWeight", default: 1e-4, in: 0...1e3)
        groupLassoEpsilon = try reader.number("groupLassoEpsilon", default: 1e-12, in: 1e-30...1)
        suppressionWeight = try reader.number("suppressionWeight", default: 1, in: 0...1e3)
        suppressionMargin = try reader.number("suppressionMargin", default: 4, in: 0...100)
        suppressionStartMargin = try reader.number(
            "suppressionStartMargin", default: -8, in: -100...100)
        rampSteps = try reader.integer("rampSteps", default: 1, in: 1...1_000_000)
        retainDistillationWeight = try reader.number(
            "retainDistillationWeight", default: 1, in: 0...1e3)
        forgetDistillationWeight = try reader.number(
            "forgetDistillationWeight", default: 1, in: 0...1e3)
    }
}

extension GSLoRAParameters.Batches {
    init(_ reader: inout ParameterReader) throws(LetheError) {
        forgetBatchSize = try reader.integer("forgetBatchSize", default: 12, in: 1...4096)
        retainBatchSize = try reader.integer("retainBatchSize", default: 24, in: 1...4096)
        forgetSamplesPerClass = try reader.integer(
            "forgetSamplesPerClass", default: 0, in: 0...10_000_000)
        retainSamplesPerClass = try reader.integer(
            "retainSamplesPerClass", default: 8, in: 0...10_000_000)
        flips = try reader.flag("flips", default: true)
        shiftPixels = try reader.integer("shiftPixels", default: 0, in: 0...64)
        mixedShare = try reader.number("mixedShare", default: 0, in: 0...1)
    }
}

extension GSLoRAParameters.Optimization {
    init(_ reader: inout ParameterReader) throws(LetheError) {
        stepCount = try reader.integer("stepCount", default: 60, in: 1...10_000_000)
        weightDecay = try reader.number("weightDecay", default: 0, in: 0...10)
        beta2 = try reader.number("beta2", default: 0.999, in: 0...0.999_999)
        epsilon = try reader.number("epsilon", default: 1e-8, in: 1e-30...1)
        blockDecay = try reader.number("blockDecay", default: 1, in: 0...1)
        gradientNormLimit = try reader.number("gradientNormLimit", default: 1, in: 0...1e6)
        schedule = LearningRateSchedule(
            shape: .cosine,
            peak: try reader.number("learningRate", default: 1e-2, in: 0...10),
            finalFraction: try reader.number("finalLearningRateFraction", default: 0.1, in: 0...1),
            warmUpSteps: try reader.integer("warmUpSteps", default: 4, in: 0...1_000_000),
            totalSteps: stepCount)
    }
}

extension GSLoRAParameters.Goal {
    init(_ reader: inout ParameterReader) throws(LetheError) {
        checkIntervalSteps = try reader.integer(
            "checkIntervalSteps", default: 5, in: 1...1_000_000)
        minimumStepCount = try reader.integer("minimumStepCount", default: 15, in: 0...10_000_000)
        checksInARow = try reader.integer("checksInARow", default: 3, in: 1...1000)
        forgetAccuracy = try reader.number("goalForgetAccuracy", default: 0, in: 0...1)
        chanceQuantile = try reader.number("goalChanceQuantile", default: 0, in: 0...0.999)
        forgetMargin = try reader.number("goalForgetMargin", default: 2, in: -100...100)
        retainDrop = try reader.number("goalRetainDrop", default: 0.01, in: 0...1)
        validationInterval = try reader.integer("validationInterval", default: 5, in: 2...1000)
        forgetValidationSamplesPerClass = try reader.integer(
            "forgetValidationSamplesPerClass", default: 0, in: 0...1_000_000)
        retainValidationSamplesPerClass = try reader.integer(
            "retainValidationSamplesPerClass", default: 2, in: 0...1_000_000)
        evaluationBatchSize = try reader.integer("evaluationBatchSize", default: 64, in: 1...4096)
        selection = try reader.choice("selection", default: WeightSelection.last)
    }
}

/// Which weights of a run are delivered.
enum WeightSelection: String, CaseIterable, Sendable {
    /// Those of the last step.
    case last
    /// Those of the check with the best score on the validation samples.
    case best
}
