import LetheRecords
import LetheTensor
import LetheVision

/// Cross entropy over the slices of a stage, for the head and the updates of the stage's own group.
///
/// There is no selection among weights: the authors' code keeps the epoch that is best on the test
/// split, we keep the last.
final class StageMethod: LossMethod {
    let phase = "training"
    let parameters: [Tensor]

    private let model: StageModel
    private let pool: PreparedImages
    private let order: SampleOrder
    private let augmentation: Augmentation
    private let labelSmoothing: Double
    private let seed: RunSeed
    private let stage: StagePlace

    /// Installs the parts and makes what the stage trains trainable.
    init(
        _ model: StageModel, _ parts: StageParts, stage: StagePlace, pool: PreparedImages,
        parameters plan: S3TParameters, seed: RunSeed
    ) throws(LetheError) {
        self.model = model
        self.pool = pool
        self.seed = seed
        self.stage = stage
        labelSmoothing = plan.labelSmoothing
        augmentation = Augmentation(flips: plan.flips, shiftPixels: plan.shiftPixels)
        order = SampleOrder(
            seed: seed, purpose: "order of \(stage)", count: pool.count,
            batchSize: min(plan.batchSize, pool.count))
        var parameters: [Tensor] = []
        for tensor in parts.tensors(of: model.layers(ofStage: stage.stage)) {
            parameters.append(try tensor.requiringGradient())
        }
        self.parameters = parameters
        model.install(parts)
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let places = order.batch(step: step)
        var source = seed.source("augmentation of \(stage)", step)
        let images = try augmentation(pool.images(at: places), &source)
        let loss = try model.base.logits(images)
            .crossEntropy(labels: pool.labels(at: places), labelSmoothing: labelSmoothing)
        return StepLoss(total: loss, terms: [])
    }

    func check(step: Int) throws(LetheError) -> SelectionCheck {
        SelectionCheck(figures: [:], score: 0, meetsGoal: true)
    }
}
