public import LetheRecords
public import LetheTensor

/// Scores that are scaled cosines between a feature and a vector for each class (CosFace,
/// arXiv:1801.09414).
public final class CosineHead {
    private let parameter: NamedTensor
    private let scale: Double
    private let margin: Double

    init(_ parameter: NamedTensor, scale: Double, margin: Double) {
        self.parameter = parameter
        self.scale = scale
        self.margin = margin
    }

    /// A vector for each class, [classes, width]; its length does not matter.
    public var weight: Tensor {
        get { parameter.tensor }
        set { parameter.tensor = newValue }
    }

    /// The scores of every class.
    ///
    /// - Parameters:
    ///   - features: [batch, width].
    ///   - labels: the true classes, int64 [batch]: from their cosines the margin is taken, which
    ///     makes training harder and a reported accuracy lower; nil takes none.
    /// - Returns: [batch, classes].
    /// - Throws: `tensor` if the sizes do not fit.
    public func callAsFunction(
        _ features: Tensor, labels: Tensor? = nil
    ) throws(LetheError) -> Tensor {
        let cosines = try normalized(features).linear(weight: normalized(weight))
        guard let labels else { return try cosines * scale }
        let isTrue = try labels.oneHot(classCount: weight.shape[0]).converted(to: .float32)
        return try (cosines - isTrue * margin) * scale
    }

    /// Rows of length 1; rows of zeros stay, as in torch.
    private func normalized(_ rows: Tensor) throws(LetheError) -> Tensor {
        let lengths = try rows.norm(over: [1], keepingDimensions: true)
        return try rows / lengths.clamped(minimum: 1e-12)
    }
}
