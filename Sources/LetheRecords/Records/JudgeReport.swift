/// What the judge measured on a shipped file, and whether each gate held.
public struct JudgeReport: Record {
    /// The schema's name.
    public static let schemaName = "lethe.report.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// SHA-256 of the judged weights file.
    public var weights: Digest
    /// SHA-256 of the weights of the line's first version, the yardstick of retained accuracy.
    public var original: Digest
    /// The test data, by the digest of its record.
    public var dataset: DatasetReference
    /// The split that was measured; never one that selected weights.
    public var split: String
    /// The policy, by name and digest.
    public var policy: PolicyReference
    /// How many judgements the line's test data has seen, this one included: t of the budget.
    public var sequenceNumber: Int
    /// The error probability of each bound: budget · 6/(π² t²), shared by the bounds of this report.
    public var errorProbability: Double
    /// One figure for each request that the line has honoured, oldest first.
    public var forgotten: [ForgottenFigure]
    /// The figure over all retained classes.
    public var retained: RetainedFigure
    /// Each class, by label.
    public var classes: [ClassFigure]
    /// H-mean of retained accuracy and the newest request's drop (methods section 7), in 0...1.
    public var hMean: Double
    /// Each gate of the policy.
    public var gates: [GateResult]
    /// Where it was measured.
    public var environment: RunEnvironment
    /// What the probes of tier 2 found; nil if the policy asks for none.
    public var probes: [ProbeFigure]?
    /// SHA-256 of the weights of a model that, it is said, never saw the forgotten classes; nil
    /// if the probes had none.
    public var reference: Digest?

    /// Whether every gate held.
    public var passed: Bool { gates.allSatisfy(\.held) }

    /// Puts a report together.
    public init(
        weights: Digest, original: Digest, dataset: DatasetReference, split: String,
        policy: PolicyReference, sequenceNumber: Int, errorProbability: Double,
        forgotten: [ForgottenFigure], retained: RetainedFigure, classes: [ClassFigure],
        hMean: Double, gates: [GateResult], environment: RunEnvironment,
        probes: [ProbeFigure]? = nil, reference: Digest? = nil
    ) {
        self.weights = weights
        self.original = original
        self.dataset = dataset
        self.split = split
        self.policy = policy
        self.sequenceNumber = sequenceNumber
        self.errorProbability = errorProbability
        self.forgotten = forgotten
        self.retained = retained
        self.classes = classes
        self.hMean = hMean
        self.gates = gates
        self.environment = environment
        self.probes = probes
        self.reference = reference
    }
}

/// A policy by name and digest.
public struct PolicyReference: Sendable, Equatable, Codable {
    /// The policy's name.
    public var name: String
    /// The digest of its canonical bytes.
    public var digest: Digest

    /// Names a policy.
    public init(name: String, digest: Digest) {
        self.name = name
        self.digest = digest
    }
}

/// Accuracy on the classes of one honoured request: `Acc_f` for the newest, `Acc_o` for earlier.
public struct ForgottenFigure: Sendable, Equatable, Codable {
    /// The request's id.
    public var request: String
    /// The forgotten labels.
    public var classes: [Int]
    /// Test samples of those classes.
    public var sampleCount: Int
    /// Samples still given their own label.
    public var correctCount: Int
    /// `correctCount / sampleCount`.
    public var accuracy: Double
    /// One-sided Clopper–Pearson upper bound of the accuracy.
    public var accuracyUpperBound: Double
    /// The same accuracy on the line's first version.
    public var originalAccuracy: Double
    /// One over the number of classes.
    public var chance: Double
    /// For a request by samples; `sampleCount` and what follows then count the forgotten training
    /// samples themselves, and `classes` is empty.
    public var samples: SampleFigure?

    /// Puts a figure together.
    public init(
        request: String, classes: [Int], sampleCount: Int, correctCount: Int, accuracy: Double,
        accuracyUpperBound: Double, originalAccuracy: Double, chance: Double,
        samples: SampleFigure? = nil
    ) {
        self.request = request
        self.classes = classes
        self.sampleCount = sampleCount
        self.correctCount = correctCount
        self.accuracy = accuracy
        self.accuracyUpperBound = accuracyUpperBound
        self.originalAccuracy = originalAccuracy
        self.chance = chance
        self.samples = samples
    }
}

/// Accuracy on everything that was not forgotten, paired with the line's first version.
public struct RetainedFigure: Sendable, Equatable, Codable {
    /// Test samples of retained classes.
    public var sampleCount: Int
    /// Right now.
    public var correctCount: Int
    /// Right on the line's first version.
    public var originalCorrectCount: Int
    /// Right then, wrong now.
    public var lostCount: Int
    /// Wrong then, right now.
    public var gainedCount: Int
    /// `correctCount / sampleCount`.
    public var accuracy: Double
    /// `originalCorrectCount / sampleCount`.
    public var originalAccuracy: Double
    /// `(lostCount - gainedCount) / sampleCount`.
    public var drop: Double
    /// One-sided upper bound of the paired drop.
    public var dropUpperBound: Double
    /// The retained class, among those with enough samples, that fell most.
    public var worstClass: Int?
    /// How far it fell.
    public var worstClassDrop: Double

    /// Puts a figure together.
    public init(
        sampleCount: Int, correctCount: Int, originalCorrectCount: Int, lostCount: Int,
        gainedCount: Int, accuracy: Double, originalAccuracy: Double, drop: Double,
        dropUpperBound: Double, worstClass: Int?, worstClassDrop: Double
    ) {
        self.sampleCount = sampleCount
        self.correctCount = correctCount
        self.originalCorrectCount = originalCorrectCount
        self.lostCount = lostCount
        self.gainedCount = gainedCount
        self.accuracy = accuracy
        self.originalAccuracy = originalAccuracy
        self.drop = drop
        self.dropUpperBound = dropUpperBound
        self.worstClass = worstClass
        self.worstClassDrop = worstClassDrop
    }
}

/// One class on the test split.
public struct ClassFigure: Sendable, Equatable, Codable {
    /// The label.
    public var label: Int
    /// Test samples.
    public var sampleCount: Int
    /// Right now.
    public var correctCount: Int
    /// Right on the line's first version.
    public var originalCorrectCount: Int
    /// The request that had it forgotten; nil for a retained class.
    public var request: String?

    /// Puts a figure together.
    public init(
        label: Int, sampleCount: Int, correctCount: Int, originalCorrectCount: Int,
        request: String?
    ) {
        self.label = label
        self.sampleCount = sampleCount
        self.correctCount = correctCount
        self.originalCorrectCount = originalCorrectCount
        self.request = request
    }
}

/// One threshold of the policy against what was measured; a gate holds if value ≤ limit,
/// or value ≥ limit where `comparison` says so.
public struct GateResult: Sendable, Equatable, Codable {
    /// Its name, for example `forgotten-upper-bound` or `retained-drop`.
    public var gate: String
    /// What it was applied to: a request's id, `retained`, a class.
    public var subject: String
    /// What was measured.
    public var value: Double
    /// `at-most` or `at-least`.
    public var comparison: String
    /// The threshold.
    public var limit: Double
    /// Whether it held.
    public var held: Bool

    /// Compares a value with its limit.
    public init(gate: String, subject: String, value: Double, atMost limit: Double) {
        self.gate = gate
        self.subject = subject
        self.value = value
        comparison = "at-most"
        self.limit = limit
        held = value <= limit
    }

    /// Compares a value with its limit.
    public init(gate: String, subject: String, value: Double, atLeast limit: Double) {
        self.gate = gate
        self.subject = subject
        self.value = value
        comparison = "at-least"
        self.limit = limit
        held = value >= limit
    }
}
