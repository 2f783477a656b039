import LetheRecords
import LetheTensor
import LetheVision

/// The samples of one step: forget samples first, then retained ones, then mixed ones.
struct ForgetBatch {
    /// [N, C, H, W].
    let images: Tensor
    /// The labels of the forget samples, int64.
    let forgetLabels: Tensor
    /// The labels of the retained samples, int64.
    let retainLabels: Tensor
    /// The parent's logits, [N, classes]; nil where no term needs them.
    let teacher: Tensor?

    var forgetCount: Int { forgetLabels.count }
    var retainCount: Int { retainLabels.count }
}

/// Group Sparse Low-Rank Adaptation (arXiv:2403.11530): practical continual forgetting.
///
/// Only B A / r beside the feed-forward layers learns. The paper's loss is
///
///     L = CE(retained) + beta * relu(BND - CE(forget)) + alpha * sum of group norms
///
/// To it come two terms for a sequence of requests whose data is gone: `suppression` keeps every
/// class that was ever forgotten below the retained ones on whatever image is at hand, and
/// `distillation` holds the retained classes where the parent had them. `FeatureTerms` has what
/// GS-LoRA++ adds, `ProximalGroupStep` another way to shrink the groups.
final class GSLoRA: LossMethod {
    let phase = "forgetting"
    let parameters: [Tensor]

    private let model: any ImageClassifier
    private let adapters: LowRankAdapters
    private let weights: GSLoRAParameters.Losses
    private let batch: (Int) throws(LetheError) -> ForgetBatch
    private let meter: (Int) throws(LetheError) -> SelectionCheck
    private let monitor: GradientMonitor?
    private let features: FeatureTerms?
    private let proximal: ProximalGroupStep?
    private let retained: Tensor
    private let everForgotten: Tensor
    private let names: (Int) -> String?

    /// Puts the method together.
    ///
    /// - Parameters:
    ///   - features: The terms that look at features; nil for none.
    ///   - proximal: The step that takes the place of the group lasso's term; nil for the term.
    ///   - batch: The samples of a step, counted from 0.
    ///   - meter: Measures the weights on the selection samples after so many steps.
    ///   - names: Which samples a step draws, in words.
    init(
        _ model: any ImageClassifier, adapters: LowRankAdapters, losses: GSLoRAParameters.Losses,
        roles: ClassRoles, monitor: GradientMonitor?, features: FeatureTerms? = nil,
        proximal: ProximalGroupStep? = nil,
        batch: @escaping (Int) throws(LetheError) -> ForgetBatch,
        meter: @escaping (Int) throws(LetheError) -> SelectionCheck,
        names: @escaping (Int) -> String? = { _ in nil }
    ) throws(LetheError) {
        self.model = model
        self.names = names
        self.adapters = adapters
        parameters = adapters.parameters
        weights = losses
        self.monitor = monitor
        self.features = features
        self.proximal = proximal
        self.batch = batch
        self.meter = meter
        retained = try Self.indices(roles.retained, on: model.device)
        everForgotten = try Self.indices(roles.forgotten + roles.earlier, on: model.device)
    }

    /// Every term whose weight is not zero, and their weighted sum.
    func loss(step: Int) throws(LetheError) -> StepLoss {
        let batch = try batch(step)
        try adapters.attach()
        let embeddings = try model.features(batch.images)
        let logits = try model.classify(features: embeddings)
        var terms = WeightedTerms()
        let rows = try logits.split(
            sizes: [batch.forgetCount, logits.shape[0] - batch.forgetCount])
        let forgetLoss = try rows[0].crossEntropy(labels: batch.forgetLabels)
        let retainLoss = try rows[1].narrowed(dimension: 0, start: 0, length: batch.retainCount)
            .crossEntropy(labels: batch.retainLabels)
        try terms.add("retain", weights.retainWeight, retainLoss)
        try terms.add(
            "forget", weights.forgetWeight,
            GSLoRALosses.boundedForgetting(
                crossEntropy: forgetLoss, bound: weights.bound(step: step)))
        try addGroupLasso(&terms)
        try features?.add(embeddings, batch, ramp: weights.ramp(step), to: &terms)
        try addSuppression(logits, step, &terms)
        try addDistillation(logits, batch, &terms)
        if let monitor { try monitor.observe(forget: forgetLoss, retain: retainLoss, step: step) }
        return try terms.result()
    }

    func didMove(step: Int, learningRate: Double) throws(LetheError) {
        try proximal?(learningRate: learningRate)
    }

    func samples(step: Int) -> String? { names(step) }

    var lastLook: GradientLook? { monitor?.last }

    func check(step: Int) throws(LetheError) -> SelectionCheck {
        try withoutGradient { () throws(LetheError) in
            try adapters.attach()
            var check = try meter(step)
            if let monitor { check.figures.merge(monitor.figures) { $1 } }
            if let features { check.figures["prototypeBound"] = features.bound }
            return check
        }
    }

    /// The group lasso as a term; a proximal step takes no part in the loss, so it is only shown.
    private func addGroupLasso(_ terms: inout WeightedTerms) throws(LetheError) {
        try terms.add(
            "groupLasso", proximal == nil ? weights.groupLassoWeight : 0,
            GSLoRALosses.groupLasso(
                proximal?.groups ?? adapters.groups(.subgradient),
                epsilon: weights.groupLassoEpsilon))
    }

    /// What keeps this and all earlier requests forgotten on every image at hand.
    private func addSuppression(
        _ logits: Tensor, _ step: Int, _ terms: inout WeightedTerms
    ) throws(LetheError) {
        guard weights.suppressionWeight > 0 else { return }
        let gaps = try GSLoRALosses.gaps(
            logits: logits, forgotten: everForgotten, retained: retained)
        try terms.add(
            "suppression", weights.suppressionWeight,
            GSLoRALosses.suppression(gaps: gaps, margin: weights.margin(step: step)))
    }

    /// What holds the retained classes where the parent had them.
    private func addDistillation(
        _ logits: Tensor, _ batch: ForgetBatch, _ terms: inout WeightedTerms
    ) throws(LetheError) {
        guard let teacher = batch.teacher else { return }
        let target = try teacher.slices(dimension: 1, at: retained).logSoftmax(dimension: 1)
        let divergence = try GSLoRALosses.distillation(
            logits: logits, teacher: target, retained: retained)
        let rest = divergence.count - batch.forgetCount
        let parts = try divergence.split(sizes: [batch.forgetCount, rest])
        try terms.add("forgetDistillation", weights.forgetDistillationWeight, parts[0].mean())
        try terms.add("retainDistillation", weights.retainDistillationWeight, parts[1].mean())
    }

    private static func indices(_ classes: [Int], on device: Device) throws(LetheError) -> Tensor {
        try Tensor(classes.sorted().map(Int64.init)).moved(to: device)
    }
}

/// Adds up loss terms by their weights and remembers them by name.
struct WeightedTerms {
    private var total: Tensor?
    private var terms: [(name: String, value: Tensor)] = []

    /// Adds a term; one of weight zero is shown but has no part in the sum.
    mutating func add(_ name: String, _ weight: Double, _ value: Tensor) throws(LetheError) {
        terms.append((name, try value.detached()))
        guard weight != 0 else { return }
        let weighted = weight == 1 ? value : try value * weight
        total = if let total { try total + weighted } else { weighted }
    }

    /// - Throws: `invalidArgument` if every weight is zero.
    func result() throws(LetheError) -> StepLoss {
        guard let total else {
            throw LetheError(
                code: .invalidArgument, message: "Every loss term of the recipe has weight zero.",
                remedy: "Give retainWeight and forgetWeight a value above zero.")
        }
        return StepLoss(total: total, terms: terms)
    }
}
