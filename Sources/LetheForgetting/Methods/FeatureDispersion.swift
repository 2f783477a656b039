import LetheRecords
import LetheTensor

/// Our term against a head that is fitted anew: samples of a forgotten class may not be more alike
/// than samples of different classes.
///
/// A new head finds a class again because its samples lie together. The features are standardised
/// by those of the retained samples in the parent, as such a head would do, and compared by their
/// cosine:
///
///     mean over pairs of one forgotten class of relu(cosine - r)
///
/// where r is the mean cosine of this step's forget samples with samples of other classes,
/// forgotten or retained, and no gradient goes through it: others need not come nearer.
struct FeatureDispersion {
    private let mean: Tensor
    private let deviation: Tensor

    /// Takes the scale from the parent's features of retained samples, [N, width], N at least 2.
    init(retained features: Tensor) throws(LetheError) {
        mean = try features.mean(over: [0])
        // A feature that is always the same must not be divided by zero.
        deviation = try features.variance(over: [0]).squareRoot().clamped(minimum: 1e-6)
    }

    /// The term; 0 where no two forget samples have the same class.
    ///
    /// - Parameters:
    ///   - forget: Features of forget samples, [N, width].
    ///   - forgetLabels: [N], int64.
    ///   - retain: Features of retained samples, [M, width].
    func callAsFunction(
        forget: Tensor, forgetLabels: Tensor, retain: Tensor, classCount: Int
    ) throws(LetheError) -> Tensor {
        let forget = try direction(forget)
        let members = try forgetLabels.oneHot(classCount: classCount).converted(to: .float32)
        let alike = try members.matmul(members.transposed(0, 1))
        let cosines = try forget.matmul(forget.transposed(0, 1))
        let toOthers = try forget.matmul(direction(retain).transposed(0, 1))
        let different = try 1 - alike
        let otherCount = try different.sum() + Double(toOthers.count)
        let reference = try ((cosines * different).sum() + toOthers.sum()) / otherCount
        let pairs = try alike.zeroingDiagonal()
        let excess = try (cosines - reference.detached()).relu() * pairs
        return try excess.sum() / pairs.sum().clamped(minimum: 1)
    }

    private func direction(_ features: Tensor) throws(LetheError) -> Tensor {
        let standard = try (features - mean) / deviation
        return try standard / (standard.norm(over: [1], keepingDimensions: true) + 1e-12)
    }
}

extension Tensor {
    /// A square matrix without its diagonal.
    fileprivate func zeroingDiagonal() throws(LetheError) -> Tensor {
        let identity = try Tensor((0..<shape[0]).map(Int64.init)).moved(to: device)
            .oneHot(classCount: shape[0]).converted(to: type)
        return try self * (1 - identity)
    }
}
