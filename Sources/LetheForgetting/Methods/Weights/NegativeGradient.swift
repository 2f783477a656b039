import LetheRecords
import LetheTensor

/// NG+: cross entropy of what is retained minus a share of that of what must be forgotten
/// (SCRUB's baseline, arXiv:2302.09880; arXiv:2410.01276 finds it the baseline to beat).
///
/// The forget term is bounded (ours): beyond a loss of `forgetBound` it has no gradient, as it
/// would otherwise grow without end and drown the other.
struct NegativeGradientParameters: WeightMethodParameters {
    static let method = "negative-gradient"
    private let steps: StepPlan
    fileprivate let forgetWeight: Double
    fileprivate let forgetBound: Double

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
        forgetWeight = try reader.number("forgetWeight", default: 0.05, in: 0...1e3)
        forgetBound = try reader.number("forgetBound", default: 20, in: 0...1e3)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(
            NegativeGradient(problem, self, epochCount: steps.epochCount), steps)
    }
}

/// An epoch is one pass over the retained samples; forget batches come round as they are needed.
final class NegativeGradient: WeightMethod, LossMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule
    let drawsBothPools = true
    private let plan: NegativeGradientParameters

    init(
        _ problem: ForgetProblem, _ plan: NegativeGradientParameters, epochCount: Int
    ) {
        self.problem = problem
        self.plan = plan
        schedule = problem.schedule(epochs: epochCount, of: [.retain])
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let retained = try problem.batch(.retain, step: step)
        let forgotten = try problem.batch(.forget, step: step)
        let retain = try problem.trainingLogits(retained.images)
            .crossEntropy(labels: retained.labels)
        let forget = try problem.trainingLogits(forgotten.images)
            .crossEntropy(labels: forgotten.labels)
        var terms = WeightedTerms()
        try terms.add("retain", 1, retain)
        try terms.add(
            "forget", plan.forgetWeight,
            GSLoRALosses.boundedForgetting(crossEntropy: forget, bound: plan.forgetBound))
        return try terms.result()
    }
}
