import LetheRecords
import LetheTensor
import LetheVision

/// Makes the batch of every GS-LoRA step from the two pools, without a memory of earlier steps.
final class ForgetBatches {
    private let model: any ImageClassifier
    private let adapters: LowRankAdapters
    private let forget: PreparedImages
    private let retain: PreparedImages
    private let plan: GSLoRAParameters.Batches
    private let seed: RunSeed
    private let forgetOrder: SampleOrder
    private let retainOrder: SampleOrder
    private let augmentation: Augmentation
    /// The parent's logits over each pool; nil where no term needs them.
    private let teacher: (forget: Tensor, retain: Tensor)?

    init(
        _ model: any ImageClassifier, adapters: LowRankAdapters, forget: PreparedImages,
        retain: PreparedImages, plan: GSLoRAParameters.Batches, seed: RunSeed,
        teacher: (forget: Tensor, retain: Tensor)?
    ) {
        self.model = model
        self.adapters = adapters
        self.forget = forget
        self.retain = retain
        self.plan = plan
        self.seed = seed
        self.teacher = teacher
        forgetOrder = SampleOrder(
            seed: seed, purpose: "forget order", count: forget.count,
            batchSize: plan.forgetBatchSize)
        retainOrder = SampleOrder(
            seed: seed, purpose: "retain order", count: retain.count,
            batchSize: plan.retainBatchSize)
        augmentation = Augmentation(flips: plan.flips, shiftPixels: plan.shiftPixels)
    }

    /// The samples of a step by split and index.
    func names(step: Int) -> String {
        "to forget " + forget.names(at: forgetOrder.batch(step: step)) + "; retained "
            + retain.names(at: retainOrder.batch(step: step))
    }

    /// The batch of a step, counted from 0.
    func batch(step: Int) throws(LetheError) -> ForgetBatch {
        let forgetPlaces = forgetOrder.batch(step: step)
        let retainPlaces = retainOrder.batch(step: step)
        var source = seed.source("augmentation", step)
        var images = try Tensor.concatenated([
            forget.images(at: forgetPlaces), retain.images(at: retainPlaces),
        ])
        images = try augmentation(images, &source)
        var logits: Tensor?
        if let teacher {
            logits = try Tensor.concatenated([
                Self.rows(teacher.forget, forgetPlaces), Self.rows(teacher.retain, retainPlaces),
            ])
        }
        let mixedCount = min(images.shape[0], Int(plan.mixedShare * Double(images.shape[0])))
        if mixedCount > 0, let known = logits {
            let mixed = try mix(images, count: mixedCount, &source)
            logits = try Tensor.concatenated([known, parentLogits(mixed)])
            images = try Tensor.concatenated([images, mixed])
        }
        return ForgetBatch(
            images: images, forgetLabels: try forget.labels(at: forgetPlaces),
            retainLabels: try retain.labels(at: retainPlaces), teacher: logits)
    }

    /// Blends pairs of images with a share drawn from 1/4 to 3/4 (mixup, arXiv:1710.09412).
    private func mix(
        _ images: Tensor, count: Int, _ source: inout SplitMix64
    ) throws(LetheError) -> Tensor {
        let total = images.shape[0]
        let first = Array(source.permutation(total).prefix(count))
        let second = Array(source.permutation(total).prefix(count))
        let shares = (0..<count).map { _ in Float(0.25 + 0.5 * source.unit()) }
        let share = try Tensor(
            shares, shape: [count] + Array(repeating: 1, count: images.shape.count - 1)
        ).moved(to: images.device)
        return try Self.rows(images, first) * share + Self.rows(images, second) * (1 - share)
    }

    private func parentLogits(_ images: Tensor) throws(LetheError) -> Tensor {
        adapters.detach()
        return try withoutGradient { () throws(LetheError) in try model.logits(images) }
    }

    private static func rows(_ tensor: Tensor, _ places: [Int]) throws(LetheError) -> Tensor {
        try tensor.rows(at: Tensor(places.map(Int64.init)).moved(to: tensor.device))
    }
}
