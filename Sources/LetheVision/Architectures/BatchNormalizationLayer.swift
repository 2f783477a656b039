public import LetheRecords
public import LetheTensor

/// Batch normalisation with weight and bias (arXiv:1502.03167).
public final class BatchNormalizationLayer {
    /// The name in the checkpoint without `.weight`, such as `layer1.0.bn1`.
    public let name: String
    /// Whether the batch's own mean and variance are used, and counted in the running ones.
    public var isTraining = false

    private let weightParameter: NamedTensor
    private let biasParameter: NamedTensor
    private let runningMean: NamedTensor
    private let runningVariance: NamedTensor
    private let batchCounter: NamedTensor?
    private let momentum: Double
    private let epsilon: Double

    init(
        name: String, parts: LayerFactory, momentum: Double, epsilon: Double
    ) throws(LetheError) {
        self.name = name
        weightParameter = try parts.parameter(name + ".weight")
        biasParameter = try parts.parameter(name + ".bias")
        runningMean = try parts.parameter(name + ".running_mean")
        runningVariance = try parts.parameter(name + ".running_var")
        batchCounter = parts.optionalParameter(name + ".num_batches_tracked")
        self.momentum = momentum
        self.epsilon = epsilon
    }

    /// The factor of each channel, [channels].
    public var weight: Tensor {
        get { weightParameter.tensor }
        set { weightParameter.tensor = newValue }
    }

    /// What is added to each channel, [channels].
    public var bias: Tensor {
        get { biasParameter.tensor }
        set { biasParameter.tensor = newValue }
    }

    /// Applies the layer; in training the running statistics change in place.
    ///
    /// - Parameter input: [batch, channels, height, width].
    /// - Returns: the same shape.
    /// - Throws: `tensor` if the sizes do not fit, `invalidArgument` for training on one number a
    ///   channel.
    public func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        let output = try input.batchNormalized(
            weight: weight, bias: bias, mean: runningMean.tensor,
            variance: runningVariance.tensor, isTraining: isTraining, momentum: momentum,
            epsilon: epsilon)
        if isTraining, let count = batchCounter?.tensor { try count.copy(from: count + 1) }
        return output
    }
}
