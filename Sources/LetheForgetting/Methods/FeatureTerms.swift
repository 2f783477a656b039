import LetheRecords
import LetheTensor
import LetheVision

/// The terms of the loss that look at features: the prototypes of GS-LoRA++ (methods.md 5.3), and two
/// of ours against a head that is fitted anew, a pull and `FeatureDispersion`.
///
///     w_f * relu(BND_pro - K(forget)) + w_r * K(retained) + w * pull(forget) + w_d * D(forget)
struct FeatureTerms {
    let weights: GSLoRAParameters.Features
    let prototypes: ClassPrototypes
    /// BND_pro, given or measured, in nats.
    let bound: Double
    /// The retained classes with prototypes, int64: what forget samples may come to resemble.
    private let resembled: Tensor
    private let dispersion: FeatureDispersion?

    /// Takes the features of both pools, from the model before the task.
    ///
    /// - Parameter dispersion: Keeps forget samples from lying together; nil where it weighs nothing.
    init(
        _ weights: GSLoRAParameters.Features, prototypes: ClassPrototypes, roles: ClassRoles,
        dispersion: FeatureDispersion? = nil
    ) throws(LetheError) {
        self.weights = weights
        self.dispersion = dispersion
        self.prototypes = prototypes
        bound =
            weights.prototypeBound > 0
            ? weights.prototypeBound
            : try prototypes.divergence(of: roles.forgotten, from: roles.retained)
        let candidates = roles.retained.filter(prototypes.classes.contains).map(Int64.init)
        resembled = try Tensor(candidates).moved(to: prototypes.means.device)
    }

    /// Adds every term whose weight is not zero.
    ///
    /// - Parameters:
    ///   - features: [N, width], in the order of the batch; mixed images are left out.
    ///   - ramp: How much of the bound holds already, in 0...1.
    func add(
        _ features: Tensor, _ batch: ForgetBatch, ramp: Double, to terms: inout WeightedTerms
    ) throws(LetheError) {
        let forget = try features.narrowed(dimension: 0, start: 0, length: batch.forgetCount)
        if weights.prototypeForgetWeight > 0 {
            let divergence = try GSLoRALosses.prototypeDivergence(
                features: forget, prototypes: prototypes.rows(batch.forgetLabels))
            try terms.add(
                "prototypeForget", weights.prototypeForgetWeight,
                (bound * ramp - divergence).relu())
        }
        let retain = try features.narrowed(
            dimension: 0, start: batch.forgetCount, length: batch.retainCount)
        if let dispersion {
            try terms.add(
                "dispersion", weights.dispersionWeight,
                dispersion(
                    forget: forget, forgetLabels: batch.forgetLabels, retain: retain,
                    classCount: prototypes.means.shape[0]))
        }
        if weights.prototypeRetainWeight > 0 {
            try terms.add(
                "prototypeRetain", weights.prototypeRetainWeight,
                GSLoRALosses.prototypeDivergence(
                    features: retain, prototypes: prototypes.rows(batch.retainLabels)))
        }
        if weights.featureForgetWeight > 0, let teacher = batch.teacher {
            try terms.add(
                "featureForget", weights.featureForgetWeight,
                GSLoRALosses.featurePull(
                    features: forget, targets: prototypes.rows(likeness(teacher, batch))))
        }
    }

    /// The retained class that the parent finds likeliest for each forget sample.
    private func likeness(_ teacher: Tensor, _ batch: ForgetBatch) throws(LetheError) -> Tensor {
        let choice = try teacher.narrowed(dimension: 0, start: 0, length: batch.forgetCount)
            .slices(dimension: 1, at: resembled).argumentMaximum(dimension: 1)
        return try resembled.rows(at: choice)
    }
}

extension GSLoRALosses {
    /// K: the batch mean of KL(softmax(prototype of the label) || softmax(embedding)), in nats.
    ///
    /// Both are softmaxed over the dimensions of the embedding; the prototype is the reference
    /// (methods.md 5.3: the published code takes embeddings, not logits).
    ///
    /// - Parameters:
    ///   - features: [N, width].
    ///   - prototypes: [N, width], of each sample's label.
    static func prototypeDivergence(
        features: Tensor, prototypes: Tensor
    ) throws(LetheError) -> Tensor {
        let reference = try prototypes.logSoftmax(dimension: 1)
        let found = try features.logSoftmax(dimension: 1)
        return try (reference.exponential() * (reference - found)).sum(over: [1]).mean()
    }

    /// The mean squared distance of normalised features from normalised targets.
    ///
    /// Our term against a head that is fitted anew. Low logits alone leave a forgotten class as a
    /// cloud of its own, which any new head finds again. One common target would leave such a cloud
    /// too, merely somewhere else; so each sample goes where the parent sees the retained class
    /// that it resembles most, where there are others to be confused with.
    ///
    /// - Parameters:
    ///   - features: [N, width].
    ///   - targets: [N, width].
    static func featurePull(features: Tensor, targets: Tensor) throws(LetheError) -> Tensor {
        try (normalized(features) - normalized(targets)).square().sum(over: [1]).mean()
    }

    private static func normalized(_ vectors: Tensor) throws(LetheError) -> Tensor {
        try vectors / (vectors.norm(over: [1], keepingDimensions: true) + 1e-12)
    }
}
