import CTorchShim
public import LetheRecords

// Changes in place are never recorded for gradients: they serve optimisers, averages and merging.

extension Tensor {
    /// Takes over the numbers of another tensor of the same shape, converted to this type.
    public func copy(from other: Tensor) throws(LetheError) {
        try requireSameShape(other)
        try change(.copy, other)
    }

    /// Adds `scale` times another tensor of the same shape.
    public func addInPlace(_ other: Tensor, scale: Double = 1) throws(LetheError) {
        try requireSameShape(other)
        try change(.add, other, scale: scale)
    }

    /// Multiplies by another tensor of the same shape.
    public func multiplyInPlace(_ other: Tensor) throws(LetheError) {
        try requireSameShape(other)
        try change(.multiply, other)
    }

    /// Multiplies every number by `value`.
    public func multiplyInPlace(_ value: Double) throws(LetheError) {
        try change(.multiply, value)
    }

    /// Sets every number to `value`.
    public func fill(_ value: Double) throws(LetheError) {
        try change(.fill, value)
    }

    /// Torch would repeat a smaller tensor without a word.
    private func requireSameShape(_ other: Tensor) throws(LetheError) {
        guard other.shape == shape else {
            throw LetheError(
                code: .tensor,
                message: "A tensor of shape \(other.shape) does not fit one of shape \(shape).",
                remedy: "Reshape or expand it first.")
        }
    }
}
