/// What one probe found for one request under one setting.
public struct ProbeFigure: Sendable, Equatable, Codable {
    /// Which probe.
    public var probe: ProbeKind
    /// The request whose classes were looked for; nil where the probe is about the whole model.
    public var request: String?
    /// Images of each class (0 for all, or none when relearning), bits, or points; nil without.
    public var setting: Int?
    /// After how many steps of relearning; nil for its end, and for other probes.
    public var stepCount: Int?
    /// Whether it was measured, and against what.
    public var outcome: ProbeOutcome
    /// Samples and hits; nil where nothing was counted.
    public var counts: ProbeCounts?
    /// Recovery above the reference and its upper bound; nil without a reference.
    public var excess: ProbeExcess?
    /// A number that is no share: a distance, a loss; nil for counted probes.
    public var value: Double?
    /// The same number for the reference model.
    public var referenceValue: Double?

    /// Puts a figure together.
    public init(
        probe: ProbeKind, request: String?, setting: Int?, stepCount: Int? = nil,
        outcome: ProbeOutcome, counts: ProbeCounts? = nil, excess: ProbeExcess? = nil,
        value: Double? = nil, referenceValue: Double? = nil
    ) {
        self.probe = probe
        self.request = request
        self.setting = setting
        self.stepCount = stepCount
        self.outcome = outcome
        self.counts = counts
        self.excess = excess
        self.value = value
        self.referenceValue = referenceValue
    }
}

/// The probes there are.
public enum ProbeKind: String, Sendable, Codable, CaseIterable {
    /// A new linear head on frozen features names the forgotten classes.
    case headRefit = "head-refit"
    /// The nearest class mean in frozen features does.
    case prototype
    /// Erased training images are told from test images.
    case membership
    /// The model names them after its weights were rounded.
    case rounding
    /// The model names them after it was trained on.
    case relearning
    /// Probabilities of a neighbouring class tell a forgotten class (CMIA).
    case neighbourClass = "neighbour-class"
    /// Jensen–Shannon divergence, in bits, between outputs for forgotten images and the first
    /// version's outputs for unseen ones (RF-JSD).
    case outputDivergence = "rf-jsd"
    /// L2 distance of all weights from the first version's, relative to the norm of those.
    case weightDistance = "weight-distance"
    /// The highest loss between the two weights above the line that joins their losses.
    case lossBarrier = "loss-barrier"
}

/// Whether a probe says something.
public enum ProbeOutcome: String, Sendable, Codable {
    /// It was measured, and a gate judges it where the probe has one.
    case measured
    /// It was measured without a model that never saw the classes, so that no gate judges it.
    case noReference = "no-reference"
    /// The samples that it needs are gone.
    case noData = "no-data"
    /// The attack does not even find what the line's first version was trained on.
    case noInformation = "no-information"
}

/// Hits of a probe; for the membership attack, right guesses.
public struct ProbeCounts: Sendable, Equatable, Codable {
    /// Samples that were measured.
    public var sampleCount: Int
    /// Hits on the judged model.
    public var correctCount: Int
    /// Hits on the line's first version.
    public var originalCorrectCount: Int
    /// Hits on the reference; nil without one.
    public var referenceCorrectCount: Int?
    /// Hits on the judged model that are none on the reference; nil without one.
    public var aboveReferenceCount: Int?

    /// Takes counts.
    public init(
        sampleCount: Int, correctCount: Int, originalCorrectCount: Int,
        referenceCorrectCount: Int? = nil, aboveReferenceCount: Int? = nil
    ) {
        self.sampleCount = sampleCount
        self.correctCount = correctCount
        self.originalCorrectCount = originalCorrectCount
        self.referenceCorrectCount = referenceCorrectCount
        self.aboveReferenceCount = aboveReferenceCount
    }
}

/// How much more a probe finds in the judged model than in the reference.
public struct ProbeExcess: Sendable, Equatable, Codable {
    /// The difference of the two shares, on the same samples.
    public var measured: Double
    /// The one-sided upper bound of that paired difference.
    public var upperBound: Double

    /// Takes a difference.
    public init(measured: Double, upperBound: Double) {
        self.measured = measured
        self.upperBound = upperBound
    }
}
