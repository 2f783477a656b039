import LetheRecords
import LetheTensor
import LetheVision

/// Ordinary supervised training of a whole network: cross entropy with label
/// smoothing over randomly mirrored and moved images.
final class Train: LossMethod {
    let phase = "training"
    let parameters: [Tensor]
    let statistics: [Tensor]

    private let model: any ImageClassifier
    private let quantization: ModelQuantization?
    private let pool: PreparedImages
    private let order: SampleOrder
    private let augmentation: Augmentation
    private let seed: RunSeed
    private let labelSmoothing: Double
    private let pruner: Pruner?
    private let meter: () throws(LetheError) -> SelectionCheck

    /// Makes every used parameter of the model trainable.
    init(
        _ model: any ImageClassifier, pool: PreparedImages, parameters plan: TrainParameters,
        seed: RunSeed, quantization: ModelQuantization? = nil, pruner: Pruner? = nil,
        meter: @escaping () throws(LetheError) -> SelectionCheck
    ) throws(LetheError) {
        self.model = model
        self.quantization = quantization
        self.pool = pool
        self.seed = seed
        self.pruner = pruner
        self.meter = meter
        labelSmoothing = plan.labelSmoothing
        augmentation = Augmentation(flips: plan.flips, shiftPixels: plan.shiftPixels)
        order = SampleOrder(
            seed: seed, purpose: "training order", count: pool.count, batchSize: plan.batchSize)
        var parameters: [Tensor] = []
        for parameter in model.weights {
            parameters.append(try parameter.tensor.requiringGradient())
        }
        self.parameters = parameters
        statistics = model.statistics.map(\.tensor) + (quantization?.statistics ?? [])
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        try pruner?.prepare(step: step)
        let places = order.batch(step: step)
        var source = seed.source("augmentation", step)
        let images = try augmentation(pool.images(at: places), &source)
        model.isTraining = true
        defer { model.isTraining = false }
        let logits = try quantization.observing { () throws(LetheError) in
            try model.logits(images)
        }
        let loss = try logits.crossEntropy(
            labels: pool.labels(at: places), labelSmoothing: labelSmoothing)
        return StepLoss(total: loss, terms: [])
    }

    func didMove(step: Int, learningRate: Double) throws(LetheError) { try pruner?.hold() }

    /// What is held at zero; nil for a model that is not pruned.
    var mask: ZeroMask? { pruner?.mask }

    func samples(step: Int) -> String? { pool.names(at: order.batch(step: step)) }

    func check(step: Int) throws(LetheError) -> SelectionCheck {
        try withoutGradient { () throws(LetheError) in try meter() }
    }

    /// One AdamW for the matrices, with weight decay, and one for the rest, without.
    func optimizer(_ plan: TrainParameters) throws(LetheError) -> any Optimizer {
        let matrices = parameters.filter { $0.rank >= 2 && $0.shape.first != 1 }
        let rest = parameters.filter { !($0.rank >= 2 && $0.shape.first != 1) }
        let decayed = try AdamW(
            parameters: matrices, learningRate: plan.learningRate, weightDecay: plan.weightDecay,
            beta2: plan.beta2)
        let others = try AdamW(
            parameters: rest, learningRate: plan.learningRate, weightDecay: 0, beta2: plan.beta2)
        return GroupedAdamW([(decayed, 1), (others, 1)])
    }
}
