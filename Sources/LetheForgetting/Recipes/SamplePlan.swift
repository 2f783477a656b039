import LetheRecords

/// Which samples a method that changes weights as they are reads, read from a recipe.
struct SamplePlan: Sendable {
    /// Samples of a step.
    let batchSize: Int
    /// Forget samples used of each class; 0 for all.
    let forgetSamplesPerClass: Int
    /// Retained samples used of each class; 0 for all.
    let retainSamplesPerClass: Int
    /// Whether images are mirrored at random.
    let flips: Bool
    /// How many pixels images are moved at random, in each direction.
    let shiftPixels: Int
    /// Every how-many-th sample of a class is kept for validation.
    let validationInterval: Int
    /// Validation samples used of each retained class; 0 for all.
    let retainValidationSamplesPerClass: Int
    /// Samples of one evaluation batch.
    let evaluationBatchSize: Int
    /// Whether weights that are exactly zero stay so: unlearning under the mask of a pruned model.
    let keepsZeros: Bool
    /// The largest forget accuracy, in 0...1, that counts as success.
    let goalForgetAccuracy: Double
    /// The largest drop of the retained accuracy, in 0...1, that counts as success.
    let goalRetainDrop: Double

    /// How many samples the pools hold.
    var pools: PoolSizes {
        PoolSizes(
            forgetPerClass: forgetSamplesPerClass, retainPerClass: retainSamplesPerClass,
            validationInterval: validationInterval,
            retainValidationPerClass: retainValidationSamplesPerClass)
    }

    /// Reads the plan.
    init(_ reader: inout ParameterReader) throws(LetheError) {
        batchSize = try reader.integer("batchSize", default: 128, in: 1...65_536)
        forgetSamplesPerClass = try reader.integer(
            "forgetSamplesPerClass", default: 0, in: 0...10_000_000)
        retainSamplesPerClass = try reader.integer(
            "retainSamplesPerClass", default: 0, in: 0...10_000_000)
        flips = try reader.flag("flips", default: true)
        shiftPixels = try reader.integer("shiftPixels", default: 0, in: 0...64)
        validationInterval = try reader.integer("validationInterval", default: 10, in: 2...1000)
        retainValidationSamplesPerClass = try reader.integer(
            "retainValidationSamplesPerClass", default: 0, in: 0...1_000_000)
        evaluationBatchSize = try reader.integer("evaluationBatchSize", default: 256, in: 1...4096)
        keepsZeros = try reader.flag("keepsZeros", default: false)
        goalForgetAccuracy = try reader.number("goalForgetAccuracy", default: 0, in: 0...1)
        goalRetainDrop = try reader.number("goalRetainDrop", default: 0.02, in: 0...1)
    }
}
