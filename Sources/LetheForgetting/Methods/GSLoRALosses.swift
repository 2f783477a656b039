import LetheRecords
import LetheTensor

/// The loss terms of GS-LoRA (arXiv:2403.11530, section 3) and the two that keep a sequence of
/// requests forgotten without any data of the earlier ones.
enum GSLoRALosses {
    /// S = sum over groups of sqrt(sum of squared entries + epsilon), without a factor for size.
    ///
    /// - Parameter groups: For each block its four matrices A1, B1, A2, B2.
    static func groupLasso(_ groups: [[Tensor]], epsilon: Double) throws(LetheError) -> Tensor {
        var norms: [Tensor] = []
        for group in groups {
            var squares: [Tensor] = []
            for matrix in group { squares.append(try matrix.square().sum()) }
            norms.append(try (Tensor.stacked(squares).sum() + epsilon).squareRoot())
        }
        return try Tensor.stacked(norms).sum()
    }

    /// relu(BND - mean cross entropy): pushes the batch's mean loss up to the bound and no further.
    ///
    /// The bound applies to the batch mean, not to each sample, as in the paper's code.
    static func boundedForgetting(
        crossEntropy: Tensor, bound: Double
    ) throws(LetheError) -> Tensor {
        try (bound - crossEntropy).relu()
    }

    /// How far each forgotten class lies above all retained ones together, in nats:
    /// `logit - logsumexp(retained logits)`, [N, forgotten classes].
    static func gaps(
        logits: Tensor, forgotten: Tensor, retained: Tensor
    ) throws(LetheError) -> Tensor {
        let rest = try logits.slices(dimension: 1, at: retained)
            .logSumExp(over: [1], keepingDimensions: true)
        return try logits.slices(dimension: 1, at: forgotten) - rest
    }

    /// relu(margin + the largest gap of a sample), averaged over the samples.
    ///
    /// No sample of any kind may come near a class that this or an earlier request made forgotten;
    /// that takes none of their data.
    static func suppression(gaps: Tensor, margin: Double) throws(LetheError) -> Tensor {
        try (gaps.maximum(over: [1]) + margin).relu().mean()
    }

    /// KL(parent || model) over the retained classes only, one number per sample.
    ///
    /// - Parameter teacher: The parent's log-probabilities over the retained classes.
    static func distillation(
        logits: Tensor, teacher: Tensor, retained: Tensor
    ) throws(LetheError) -> Tensor {
        let student = try logits.slices(dimension: 1, at: retained).logSoftmax(dimension: 1)
        return try (teacher.exponential() * (teacher - student)).sum(over: [1])
    }
}
