import CTorchShim
public import LetheRecords

extension Tensor {
    /// `x · weightᵀ + bias`.
    ///
    /// - Parameters:
    ///   - weight: [outputs, inputs]; the tensor is [..., inputs].
    ///   - bias: [outputs].
    public func linear(weight: Tensor, bias: Tensor? = nil) throws(LetheError) -> Tensor {
        try applyLinear(weight, bias)
    }

    /// Layer normalisation over the last dimensions (arXiv:1607.06450).
    ///
    /// - Parameter shape: The sizes of the dimensions that are normalised.
    public func layerNormalized(
        shape: [Int], weight: Tensor? = nil, bias: Tensor? = nil, epsilon: Double = 1e-5
    ) throws(LetheError) -> Tensor {
        try applyLayerNorm(shape, weight, bias, epsilon)
    }

    /// Batch normalisation of [N, C, H, W] over all dimensions but C (arXiv:1502.03167).
    ///
    /// With `isTraining` the batch's own mean and variance are used, gradients flow through them,
    /// and `mean` and `variance` change in place: `new = (1 - momentum) · old + momentum · batch`,
    /// where the batch's variance is the unbiased one. Otherwise `mean` and `variance` are used
    /// and stay as they are.
    ///
    /// - Parameters:
    ///   - weight: [C]; `bias`, `mean` and `variance` alike.
    ///   - momentum: The share of the new batch; 0.1 is torch's.
    public func batchNormalized(
        weight: Tensor? = nil, bias: Tensor? = nil, mean: Tensor, variance: Tensor,
        isTraining: Bool, momentum: Double = 0.1, epsilon: Double = 1e-5
    ) throws(LetheError) -> Tensor {
        // One number has no variance, and the running one would become no number.
        guard !isTraining || (rank > 1 && count > shape[1]) else {
            throw LetheError(
                code: .invalidArgument,
                message: "A batch of shape \(shape) has one number a channel, and no variance.",
                remedy: "Train on batches of two images or more.")
        }
        return try applyBatchNorm(
            weight, bias, (mean, variance), isTraining, momentum, epsilon)
    }

    /// Two-dimensional convolution of [N, C, H, W].
    ///
    /// - Parameters:
    ///   - weight: [outputs, C / groups, kernel height, kernel width].
    ///   - bias: [outputs].
    ///   - groups: Into how many parts the channels are cut, each with outputs of its own; C is a
    ///     depthwise convolution.
    public func convolved2D(
        weight: Tensor, bias: Tensor? = nil, stride: Int = 1, padding: Int = 0, groups: Int = 1
    ) throws(LetheError) -> Tensor {
        try applyConvolution(weight, bias, square(stride), square(padding), groups)
    }

    /// The mean of each square window of [N, C, H, W]; the zeros of the padding count.
    public func averagePooled2D(
        kernel: Int, stride: Int, padding: Int = 0
    ) throws(LetheError) -> Tensor {
        try applyPooling(.average, square(kernel), square(stride), square(padding))
    }

    /// The largest number of each square window of [N, C, H, W]; the padding never is.
    public func maximumPooled2D(
        kernel: Int, stride: Int, padding: Int = 0
    ) throws(LetheError) -> Tensor {
        try applyPooling(.maximum, square(kernel), square(stride), square(padding))
    }

    /// Sliding square windows of [N, C, H, W] as columns: [N, C · kernel², positions].
    public func unfolded2D(
        kernel: Int, stride: Int = 1, padding: Int = 0
    ) throws(LetheError) -> Tensor {
        try applyUnfold(square(kernel), square(stride), square(padding))
    }

    /// Attention `softmax(query · keyᵀ · scale + mask) · value` (arXiv:1706.03762, section 3.2.1).
    ///
    /// - Parameters:
    ///   - query: [..., heads, tokens, width]; `key` and `value` alike.
    ///   - mask: Added to the products, or of type bool: true where a token may be looked at.
    ///   - scale: nil is `1 / √width`.
    public static func scaledDotProductAttention(
        query: Tensor, key: Tensor, value: Tensor, mask: Tensor? = nil, scale: Double? = nil
    ) throws(LetheError) -> Tensor {
        try query.attend(key, value, mask, scale ?? .nan)
    }

    /// Zeroes numbers at random and scales the others by `1 / (1 - probability)`.
    ///
    /// - Parameter probability: Of a number to be zeroed; at 0 the tensor comes back as it is.
    public func dropout(
        probability: Double, generator: Generator
    ) throws(LetheError) -> Tensor {
        probability == 0 ? self : try applyDropout(probability, generator)
    }

    private func square(_ size: Int) -> [Int64] { [Int64(size), Int64(size)] }
}
