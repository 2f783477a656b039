import CTorchShim
public import LetheRecords

/// Adam with decoupled weight decay (arXiv:1711.05101), equal to `torch.optim.AdamW`.
public final class AdamW: Optimizer {
    /// What is moved.
    public let parameters: [Tensor]
    /// How far one step goes.
    public var learningRate: Double
    /// The share of every parameter that is taken off per step, times the learning rate.
    public let weightDecay: Double
    /// The decay of the mean of gradients.
    public let beta1: Double
    /// The decay of the mean of squared gradients.
    public let beta2: Double
    /// Added to the denominator.
    public let epsilon: Double

    private let means: [Tensor]
    private let variances: [Tensor]
    private let steps: [Tensor]

    /// Makes an optimiser whose state is zero.
    public init(
        parameters: [Tensor], learningRate: Double, weightDecay: Double = 0.01,
        beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8
    ) throws(LetheError) {
        try requireTrainable(parameters, learningRate: learningRate)
        self.parameters = parameters
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        var means: [Tensor] = []
        var variances: [Tensor] = []
        var steps: [Tensor] = []
        for parameter in parameters {
            means.append(try parameter.zerosLike())
            variances.append(try parameter.zerosLike())
            steps.append(try Tensor(zeros: [], device: parameter.device))
        }
        self.means = means
        self.variances = variances
        self.steps = steps
    }

    /// Moves every parameter that has a gradient.
    public func step() throws(LetheError) {
        let options = LetheAdamWOptions(
            learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
            weight_decay: weightDecay)
        try stepAdamW(parameters, means: means, variances: variances, steps: steps, options)
    }

    /// Means, variances and step counts, in the order of the parameters.
    public var stateTensors: [(name: String, tensor: Tensor)] {
        named("mean", means) + named("variance", variances) + named("step", steps)
    }
}

/// Names the tensors of one kind by their position.
func named(_ kind: String, _ tensors: [Tensor]) -> [(name: String, tensor: Tensor)] {
    tensors.enumerated().map { ("\(kind).\($0.offset)", $0.element) }
}
