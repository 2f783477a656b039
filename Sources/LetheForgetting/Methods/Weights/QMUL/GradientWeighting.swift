import LetheRecords
import LetheTensor

/// How the gradients of both pools are put together into one step.
///
/// The paper scales both by numbers that follow from their norms (adaptive gradient reweighting);
/// its formula is not known (methods.md 4.3), so that every policy here is ours but the projection.
enum GradientWeighting: String, CaseIterable, Sendable {
    /// Both as they are.
    case none
    /// Both weighted gradients are about equally long, and the weights sum to 2.
    case equalNorm
    /// The forget gradient is at most as long as the retain gradient.
    case capForget
    /// The forget gradient without its part along the retain gradient (OEU, arXiv:2602.00567).
    case projection

    /// The average keeps so much of what it was.
    static let averageKept = 0.9
    /// No pool is weighted by less, or more, in `equalNorm`.
    static let limits = 0.1...1.9

    /// The forget weight that gives both gradients the same norm, `2 n_r / (n_f + n_r)`; the
    /// retain weight is what is missing to 2.
    static func equalizingForgetWeight(forgetNorm: Double, retainNorm: Double) -> Double {
        let sum = forgetNorm + retainNorm
        return sum > 0 ? 2 * retainNorm / sum : 1
    }

    /// The weights of the forget and of the retain gradient in a step.
    ///
    /// - Parameter average: The running average of the forget weight, for `equalNorm`; moved on.
    func weights(
        forgetNorm: Double, retainNorm: Double, average: inout Double?
    ) -> (forget: Double, retain: Double) {
        switch self {
        case .none, .projection: return (1, 1)
        case .capForget: return (forgetNorm > retainNorm ? retainNorm / forgetNorm : 1, 1)
        case .equalNorm:
            let now = Self.equalizingForgetWeight(forgetNorm: forgetNorm, retainNorm: retainNorm)
            let smooth = average.map { Self.averageKept * $0 + (1 - Self.averageKept) * now } ?? now
            average = smooth
            // The limits lie evenly around 1, so that the weights still sum to 2.
            let forget = min(max(smooth, Self.limits.lowerBound), Self.limits.upperBound)
            return (forget, 2 - forget)
        }
    }

    /// `vector` without its part along `direction`; as it is where that is zero.
    static func projected(
        _ vector: GradientVector, awayFrom direction: GradientVector
    ) throws(LetheError) -> GradientVector {
        let square = try direction.dot(direction)
        guard square > 0 else { return vector }
        return try vector.combined(1, direction, -vector.dot(direction) / square)
    }
}
