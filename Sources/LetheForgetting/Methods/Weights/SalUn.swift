import LetheRecords
import LetheTensor

/// SalUn (arXiv:2310.12508): random labels, but only for the weights on which the forget loss of
/// the parent depends most; the rest stays exactly what it was.
///
/// The mask holds the `saliencyShare` of all weights with the largest absolute gradient. In the
/// released code weight decay moves the others too; here they do not move.
struct SalUnParameters: WeightMethodParameters {
    static let method = "salun"
    let steps: StepPlan
    let saliencyShare: Double

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults(learningRate: 0.013))
        saliencyShare = try reader.number("saliencyShare", default: 0.5, in: 0...1)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(try SalUn(problem, self), steps)
    }
}

/// Random labels under a saliency mask.
final class SalUn: WeightMethod, LossMethod {
    let problem: ForgetProblem
    private let relabelling: RandomLabel
    private let masks: [Tensor]
    private let parent: [Tensor]

    var schedule: PassSchedule { relabelling.schedule }

    init(
        _ problem: ForgetProblem, _ plan: SalUnParameters
    ) throws(LetheError) {
        self.problem = problem
        relabelling = RandomLabel(problem, epochCount: plan.steps.epochCount)
        parent = try problem.parameters.copies()
        masks = try Self.masks(problem, share: plan.saliencyShare)
    }

    func loss(step: Int) throws(LetheError) -> StepLoss { try relabelling.loss(step: step) }

    func didMove(step: Int, learningRate: Double) throws(LetheError) {
        for (index, parameter) in parameters.enumerated() {
            try parameter.copy(
                from: Tensor.where(masks[index], parameter.detached(), parent[index]))
        }
        try problem.hold()
    }

    /// True for the weights whose summed forget gradient is among the largest.
    private static func masks(
        _ problem: ForgetProblem, share: Double
    ) throws(LetheError) -> [Tensor] {
        var sum: GradientVector?
        try problem.walk(.forget, batchSize: problem.plan.batchSize) { batch throws(LetheError) in
            let loss = try problem.logits(batch.images)
                .crossEntropy(labels: batch.labels, reduction: .sum)
            let gradient = try GradientVector(of: loss, withRespectTo: problem.parameters)
            sum = if let sum { try sum.combined(1, gradient, 1) } else { gradient }
        }
        var saliencies: [Tensor] = []
        for part in sum?.parts ?? [] { saliencies.append(try part.absolute()) }
        var flat: [Tensor] = []
        for saliency in saliencies { flat.append(try saliency.flattened()) }
        let all = try Tensor.concatenated(flat)
        let count = max(1, Int((share * Double(all.count)).rounded()))
        let sorted = try all.topK(count)
        let threshold = Double(
            try sorted.values.narrowed(dimension: 0, start: count - 1, length: 1)
                .scalar())
        var masks: [Tensor] = []
        for saliency in saliencies { masks.append(try saliency.greaterOrEqual(to: threshold)) }
        return masks
    }
}
