import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// The two kinds of samples of a forget request.
enum Pool: Sendable {
    case forget
    case retain
}

/// The samples of one step.
struct SampleBatch {
    /// [N, C, H, W].
    let images: Tensor
    /// int64, [N].
    let labels: Tensor
    /// Where the samples are in their pool.
    let positions: [Int]
}

/// What a method that changes weights as they are has to work with: the parent, whose weights it
/// moves, and the two pools of samples.
final class ForgetProblem {
    /// The classes to forget as a whole; empty where single samples are.
    let forgottenClasses: [Int]
    /// Its weights are what is changed; in evaluation mode between steps.
    let model: any ImageClassifier
    /// With how many bits the model computes; nil for floating point.
    let quantization: ModelQuantization?
    /// What must be forgotten.
    let forget: PreparedImages
    /// What must be retained.
    let retain: PreparedImages
    /// Which samples, and how.
    let plan: SamplePlan
    /// What every random choice follows from.
    let seed: RunSeed
    /// Stops long work between batches.
    let cancellation: CancellationFlag
    /// The weights, in the order of the checkpoint, with gradients switched on.
    let parameters: [Tensor]
    /// The statistics of batch normalisation, and the ranges of quantised layers' inputs.
    let statistics: [Tensor]
    /// What holds the zeros of a pruned model; nil where nothing is held.
    ///
    /// It is the parent's own mask, else what the recipe reads off its zeros, until a method prunes.
    var mask: ZeroMask?

    /// What measures the weights on the validation samples; without one, checks say nothing.
    var meter: AccuracyMeter?

    private let parentFolder: URL
    private let augmentation: Augmentation

    /// - Parameter parentFolder: Where the model came from, for a method that needs it unchanged.
    init(
        _ model: any ImageClassifier, parentFolder: URL, forgottenClasses: [Int],
        forget: PreparedImages, retain: PreparedImages, plan: SamplePlan, seed: RunSeed,
        cancellation: CancellationFlag, quantization: ModelQuantization? = nil
    ) throws(LetheError) {
        self.model = model
        self.quantization = quantization
        self.forgottenClasses = forgottenClasses
        self.parentFolder = parentFolder
        self.forget = forget
        self.retain = retain
        self.plan = plan
        self.seed = seed
        self.cancellation = cancellation
        augmentation = Augmentation(flips: plan.flips, shiftPixels: plan.shiftPixels)
        var parameters: [Tensor] = []
        for weight in model.weights {
            parameters.append(try weight.tensor.requiringGradient())
        }
        self.parameters = parameters
        statistics = model.statistics.map(\.tensor) + (quantization?.statistics ?? [])
        if let own = try ZeroMask.inFolder(parentFolder, of: model.weights) {
            mask = own
        } else {
            mask = plan.keepsZeros ? try ZeroMask(parameters) : nil
        }
    }

    /// Outputs of the head.
    var classCount: Int { model.classCount }

    /// The scores of images, [N, classes], in evaluation mode.
    func logits(_ images: Tensor) throws(LetheError) -> Tensor { try model.logits(images) }

    /// The samples of a pool.
    func images(_ pool: Pool) -> PreparedImages { pool == .forget ? forget : retain }

    /// Steps of one pass over a pool.
    func stepCount(_ pool: Pool) -> Int {
        (images(pool).count + plan.batchSize - 1) / plan.batchSize
    }

    /// Measures the weights as they are.
    func check() throws(LetheError) -> SelectionCheck {
        guard let meter else { return SelectionCheck(figures: [:], score: 0, meetsGoal: false) }
        return try withoutGradient { () throws(LetheError) in try meter(self) }
    }

    /// A run whose every epoch is one pass over each of some pools.
    func schedule(epochs: Int, of pools: [Pool]) -> PassSchedule {
        PassSchedule(Array(repeating: pools, count: epochs), stepCount: stepCount)
    }

    /// Where the samples of a pool's step are in the pool.
    private func positions(_ pool: Pool, step: Int) -> [Int] {
        let count = images(pool).count
        return SampleOrder(
            seed: seed, purpose: pool == .forget ? "forget order" : "retain order", count: count,
            batchSize: min(plan.batchSize, count)
        ).batch(step: step)
    }

    /// The samples of a pool's step by split and index.
    func names(_ pool: Pool, step: Int) -> String {
        (pool == .forget ? "to forget " : "retained ")
            + images(pool).names(at: positions(pool, step: step))
    }

    /// The batch of a pool's step, counted from 0 over the whole run, at random and augmented.
    func batch(_ pool: Pool, step: Int) throws(LetheError) -> SampleBatch {
        let images = images(pool)
        let name = pool == .forget ? "forget" : "retain"
        let positions = positions(pool, step: step)
        var source = seed.source("\(name) augmentation", step)
        return SampleBatch(
            images: try augmentation(images.images(at: positions), &source),
            labels: try images.labels(at: positions), positions: positions)
    }

    /// The batches of one pass in stored order, as they are.
    func walk(
        _ pool: Pool, batchSize: Int, _ body: (SampleBatch) throws(LetheError) -> Void
    ) throws(LetheError) {
        let images = images(pool)
        for start in stride(from: 0, to: images.count, by: batchSize) {
            try cancellation.throwIfSet()
            let positions = Array(start..<min(start + batchSize, images.count))
            try body(
                SampleBatch(
                    images: images.images(at: positions), labels: images.labels(at: positions),
                    positions: positions))
        }
    }

    /// The logits of a batch, in training mode: batch normalisation and the ranges of quantised
    /// layers' inputs look at the batch.
    func trainingLogits(_ images: Tensor) throws(LetheError) -> Tensor {
        model.isTraining = true
        defer { model.isTraining = false }
        return try quantization.observing { () throws(LetheError) in try model.logits(images) }
    }

    /// The parent as it was, a second model.
    func loadParent() throws(LetheError) -> any ImageClassifier {
        try ClassifierLoading.load(folder: parentFolder, device: model.device)
    }

    /// A network of the parent's shape with random weights.
    func createAnew() throws(LetheError) -> any ImageClassifier {
        try ClassifierLoading.create(
            folder: parentFolder, generator: Generator(seed: seed.value("initial weights", 0)),
            device: model.device)
    }

    /// Puts zeros back where they are held.
    func hold() throws(LetheError) {
        try mask?.apply(to: parameters)
    }
}
