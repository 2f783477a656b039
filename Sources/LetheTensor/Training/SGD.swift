import CTorchShim
public import LetheRecords

/// Stochastic gradient descent with momentum, equal to `torch.optim.SGD` without dampening.
public final class SGD: Optimizer {
    /// What is moved.
    public let parameters: [Tensor]
    /// How far one step goes.
    public var learningRate: Double
    /// The share of the last step that is repeated.
    public let momentum: Double
    /// The share of every parameter that is added to its gradient.
    public let weightDecay: Double
    /// Whether the gradient is looked up one step ahead.
    public let nesterov: Bool

    private let velocities: [Tensor]

    /// Makes an optimiser that stands still.
    public init(
        parameters: [Tensor], learningRate: Double, momentum: Double = 0,
        weightDecay: Double = 0, nesterov: Bool = false
    ) throws(LetheError) {
        try requireTrainable(parameters, learningRate: learningRate)
        guard !nesterov || momentum > 0 else {
            throw LetheError(
                code: .invalidArgument, message: "Nesterov momentum needs a momentum above 0.",
                remedy: "Set a momentum, or switch nesterov off.")
        }
        self.parameters = parameters
        self.learningRate = learningRate
        self.momentum = momentum
        self.weightDecay = weightDecay
        self.nesterov = nesterov
        var velocities: [Tensor] = []
        if momentum != 0 {
            for parameter in parameters { velocities.append(try parameter.zerosLike()) }
        }
        self.velocities = velocities
    }

    /// Moves every parameter that has a gradient.
    public func step() throws(LetheError) {
        let options = LetheSGDOptions(
            learning_rate: learningRate, momentum: momentum, weight_decay: weightDecay,
            nesterov: nesterov)
        try stepSGD(parameters, velocities: velocities, options)
    }

    /// The velocities, in the order of the parameters; none without momentum.
    public var stateTensors: [(name: String, tensor: Tensor)] {
        named("velocity", velocities)
    }
}
