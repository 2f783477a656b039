import LetheRecords
import LetheTensor

/// Pruning with training in between (arXiv:2304.04934, section 3; OMP with one round, IMP with
/// several): the least weights, over all layers together, become zero and stay so.
///
/// Only convolutions are pruned, as in the released code. A network without any has its inner
/// matrices pruned instead, the head never (ours; by magnitude only). The code rewinds the survivors
/// to an early epoch; here they go on from where they are.
struct PruneParameters: WeightMethodParameters {
    static let method = "prune"
    static let forgetsSamples = false
    let steps: StepPlan
    let pruning: PruningPlan

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
        pruning = try PruningPlan(&reader, sparsity: 0.95)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(try Prune(problem, self), steps)
    }
}

/// Rounds of pruning and training; the epochs are divided evenly among them.
final class Prune: WeightMethod, LossMethod {
    let problem: ForgetProblem
    private let training: FineTune
    private let pruner: Pruner

    var schedule: PassSchedule { training.schedule }

    init(
        _ problem: ForgetProblem, _ plan: PruneParameters
    ) throws(LetheError) {
        self.problem = problem
        training = FineTune(problem, epochCount: plan.steps.epochCount)
        let stepCount = training.schedule.stepCount
        pruner = Pruner(
            problem.model, plan.pruning, holding: problem.mask,
            imageShape: try problem.retain.imageShape(), stepCount: stepCount,
            stepsPerEpoch: stepCount / plan.steps.epochCount)
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        try pruner.prepare(step: step)
        problem.mask = pruner.mask
        return try training.loss(step: step)
    }
}
