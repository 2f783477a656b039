import LetheRecords
import LetheTensor

/// Measures the accuracies of a model on the validation samples, beside those of the parent.
struct AccuracyMeter {
    private let plan: SamplePlan
    private let pools: ForgetPools
    private let forgetBefore: Double
    private let retainBefore: Double

    /// Measures the parent, which the problem's model still is.
    init(_ problem: ForgetProblem, pools: ForgetPools) throws(LetheError) {
        plan = problem.plan
        self.pools = pools
        forgetBefore = try problem.accuracy(pools.forgetValidation)
        retainBefore = try problem.accuracy(pools.retainValidation)
    }

    /// Measures the model as it is.
    func callAsFunction(_ problem: ForgetProblem) throws(LetheError) -> SelectionCheck {
        check(figures: [
            "forgetAccuracy": try problem.accuracy(pools.forgetValidation),
            "retainAccuracy": try problem.accuracy(pools.retainValidation),
        ])
    }

    /// Judges accuracies that were measured.
    func check(figures: [String: Double]) -> SelectionCheck {
        let forget = figures["forgetAccuracy", default: 1]
        let retain = figures["retainAccuracy", default: 0]
        let before = ["forgetAccuracyBefore": forgetBefore, "retainAccuracyBefore": retainBefore]
        return SelectionCheck(
            figures: figures.merging(before) { $1 },
            score: ForgetMeter.hMean(retain, forgetBefore - forget),
            meetsGoal: forget <= plan.goalForgetAccuracy + 1e-12
                && retainBefore - retain <= plan.goalRetainDrop + 1e-12)
    }
}

extension ForgetProblem {
    /// The share of a pool's samples that the model names rightly, in 0...1.
    func accuracy(_ pool: PreparedImages) throws(LetheError) -> Double {
        let logits = try pool.map(
            batchSize: plan.evaluationBatchSize, cancellation: cancellation
        ) { images throws(LetheError) in try self.logits(images).moved(to: .cpu) }
        return try ForgetMeter.accuracy(logits, pool.labels)
    }
}
