/// The four figures by which approximate unlearning is compared with Retrain, in percent, and its
/// time (methods.md section 7).
public struct UnlearningFigures: Sendable, Codable, Equatable {
    /// UA: 100 minus the accuracy on the forget samples.
    public var unlearningAccuracy: Double
    /// RA: the accuracy on the retained samples.
    public var retainedAccuracy: Double
    /// TA: the accuracy on held-out samples, without the classes that were forgotten whole.
    public var testAccuracy: Double
    /// MIA-Efficacy: the share of forget samples that the confidence attack calls unseen.
    public var attackEfficacy: Double
    /// RTE: wall-clock seconds of the method.
    public var seconds: Double
    /// What the method says of itself, such as the mean cosine of two gradients.
    public var details: [String: Double]

    /// Puts figures together.
    public init(
        unlearningAccuracy: Double, retainedAccuracy: Double, testAccuracy: Double,
        attackEfficacy: Double, seconds: Double, details: [String: Double] = [:]
    ) {
        self.details = details
        self.unlearningAccuracy = unlearningAccuracy
        self.retainedAccuracy = retainedAccuracy
        self.testAccuracy = testAccuracy
        self.attackEfficacy = attackEfficacy
        self.seconds = seconds
    }

    /// The average gap: the mean absolute difference over the four figures; lower is better.
    public func averageGap(to retrain: UnlearningFigures) -> Double {
        let gaps = [
            unlearningAccuracy - retrain.unlearningAccuracy,
            retainedAccuracy - retrain.retainedAccuracy, testAccuracy - retrain.testAccuracy,
            attackEfficacy - retrain.attackEfficacy,
        ]
        return gaps.reduce(0) { $0 + abs($1) } / Double(gaps.count)
    }
}
