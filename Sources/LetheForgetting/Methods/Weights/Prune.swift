import LetheRecords
import LetheTensor

/// Magnitude pruning with training in between (arXiv:2304.04934, section 3; OMP with one round, IMP
/// with several): the smallest weights, over all layers together, become zero and stay so.
///
/// Only convolutions are pruned, as in the released code. A network without any has its inner
/// matrices pruned instead, the head never (ours). The code rewinds the survivors to an early epoch;
/// here they go on from where they are.
struct PruneParameters: WeightMethodParameters {
    static let method = "prune"
    static let forgetsSamples = false
    let steps: StepPlan
    let sparsity: Double
    let roundCount: Int

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
        sparsity = try reader.number("sparsity", default: 0.95, in: 0...0.999_999)
        roundCount = try reader.integer("roundCount", default: 1, in: 1...1000)
    }

    /// The share that is zero after a round, counted from 0: each takes the same part of the rest.
    func share(round: Int) -> Double {
        1 - MagnitudePruning.power(1 - sparsity, Double(round + 1) / Double(roundCount))
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(Prune(problem, self), steps)
    }
}

/// Rounds of pruning and training; the epochs are divided evenly among them.
final class Prune: WeightMethod, LossMethod {
    let problem: ForgetProblem
    private let plan: PruneParameters
    private let training: FineTune
    /// What is held; the weights of a checkpoint carry their zeros with them.
    private var mask: ZeroMask?

    var schedule: PassSchedule { training.schedule }

    init(
        _ problem: ForgetProblem, _ plan: PruneParameters
    ) {
        self.problem = problem
        self.plan = plan
        training = FineTune(problem, epochCount: plan.steps.epochCount)
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let stepsPerRound = max(1, schedule.stepCount / plan.roundCount)
        if step.isMultiple(of: stepsPerRound), step / stepsPerRound < plan.roundCount {
            try MagnitudePruning.prune(
                parameters, share: plan.share(round: step / stepsPerRound),
                classCount: problem.classCount)
            mask = nil
        }
        if mask == nil { mask = try ZeroMask(parameters) }
        return try training.loss(step: step)
    }

    func didMove(step: Int, learningRate: Double) throws(LetheError) {
        try mask?.apply(to: parameters)
    }
}
