/// The tier-2 probes that a policy asks for: what else than accuracy could show the forgotten.
///
/// A probe that is absent is not run, and a certificate then lists it under `notTested`. All
/// thresholds are fractions. What each probe does: docs/FORMAT.md, "The probes".
public struct ProbePolicy: Sendable, Equatable, Codable {
    /// Decides which training images the probes take; logged before the run.
    public var seed: Int
    /// A new linear head on frozen features.
    public var headRefit: RecoveryProbe?
    /// The nearest class mean in frozen features.
    public var prototype: RecoveryProbe?
    /// Telling the erased training images from test images of the same classes.
    public var membership: MembershipProbe?
    /// Fewer bits for each weight.
    public var rounding: RoundingProbe?
    /// Training on, with few or none of the erased images.
    public var relearning: RelearningProbe?
    /// How far the weights moved, and what lies between; reported only.
    public var weightDistance: WeightDistanceProbe?
    /// Telling a forgotten class by the probabilities of its neighbour (CMIA); nil in older policies.
    public var neighbourClass: NeighbourProbe?
    /// Outputs beside those for unseen images (RF-JSD), reported only; nil in older policies.
    public var outputDivergence: DivergenceProbe?

    /// Asks for probes.
    public init(
        seed: Int, headRefit: RecoveryProbe? = nil, prototype: RecoveryProbe? = nil,
        membership: MembershipProbe? = nil, rounding: RoundingProbe? = nil,
        relearning: RelearningProbe? = nil, weightDistance: WeightDistanceProbe? = nil,
        neighbourClass: NeighbourProbe? = nil, outputDivergence: DivergenceProbe? = nil
    ) {
        self.seed = seed
        self.headRefit = headRefit
        self.prototype = prototype
        self.membership = membership
        self.rounding = rounding
        self.relearning = relearning
        self.weightDistance = weightDistance
        self.neighbourClass = neighbourClass
        self.outputDivergence = outputDivergence
    }
}

/// Recovery from frozen features.
public struct RecoveryProbe: Sendable, Equatable, Codable {
    /// Training images of each class that are used, one figure for each entry; 0 for all.
    public var imagesPerClass: [Int]
    /// How far recovery may lie above what a model that never saw the classes allows.
    public var excessMaximum: Double

    /// Asks for the probe.
    public init(imagesPerClass: [Int], excessMaximum: Double) {
        self.imagesPerClass = imagesPerClass
        self.excessMaximum = excessMaximum
    }
}

/// The membership attack.
public struct MembershipProbe: Sendable, Equatable, Codable {
    /// The advantage (hit rate on members minus false alarms) that is still accepted.
    public var advantageMaximum: Double

    /// Asks for the probe.
    public init(advantageMaximum: Double) {
        self.advantageMaximum = advantageMaximum
    }
}

/// The neighbour-class attack.
public struct NeighbourProbe: Sendable, Equatable, Codable {
    /// How far the share of right guesses may lie from that on a model that never saw the classes,
    /// above or below.
    public var gapMaximum: Double

    /// Asks for the probe.
    public init(gapMaximum: Double) {
        self.gapMaximum = gapMaximum
    }
}

/// The divergence of outputs; it has no setting.
public struct DivergenceProbe: Sendable, Equatable, Codable {
    /// Asks for the probe.
    public init() {}
}

/// Rounding of the weights.
public struct RoundingProbe: Sendable, Equatable, Codable {
    /// Bits of a weight in all but the first and last layer, 2...8; one figure for each entry.
    public var bits: [Int]

    /// Asks for the probe.
    public init(bits: [Int]) {
        self.bits = bits
    }
}

/// Training on.
public struct RelearningProbe: Sendable, Equatable, Codable {
    /// Erased images of each class that are trained on, one figure for each entry; 0 for none, so
    /// that only retained data is trained on.
    public var imagesPerClass: [Int]
    /// Images of each retained class that are trained on beside them.
    public var retainedImagesPerClass: Int
    /// Steps of the optimiser, over all weights.
    public var stepCount: Int
    /// Images in a step.
    public var batchSize: Int
    /// The learning rate of AdamW.
    public var learningRate: Double
    /// How far relearning may lie above that of a model that never saw the classes.
    public var excessMaximum: Double
    /// Steps after which is looked, too, ascending and below `stepCount`: the curve on the way; nil
    /// for the end alone.
    public var measuredSteps: [Int]?
    /// How far the mean of the curve and its end may lie above that of a model that never saw the
    /// classes; nil to report the curve only.
    public var curveExcessMaximum: Double?
    /// How far relearning with retained images alone may lie above that of a model that never saw
    /// the classes; nil to test it against chance only.
    public var retainedOnlyExcessMaximum: Double?

    /// Asks for the probe.
    public init(
        imagesPerClass: [Int], retainedImagesPerClass: Int, stepCount: Int, batchSize: Int,
        learningRate: Double, excessMaximum: Double, measuredSteps: [Int]? = nil,
        curveExcessMaximum: Double? = nil, retainedOnlyExcessMaximum: Double? = nil
    ) {
        self.imagesPerClass = imagesPerClass
        self.retainedImagesPerClass = retainedImagesPerClass
        self.stepCount = stepCount
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.excessMaximum = excessMaximum
        self.measuredSteps = measuredSteps
        self.curveExcessMaximum = curveExcessMaximum
        self.retainedOnlyExcessMaximum = retainedOnlyExcessMaximum
    }
}

/// The distance of the weights from those of the line's first version.
public struct WeightDistanceProbe: Sendable, Equatable, Codable {
    /// Points strictly between the two at which the loss is measured; 0 for the distance alone.
    public var barrierPointCount: Int

    /// Asks for the probe.
    public init(barrierPointCount: Int) {
        self.barrierPointCount = barrierPointCount
    }
}
