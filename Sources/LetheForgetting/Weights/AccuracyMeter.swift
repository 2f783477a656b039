import LetheRecords
import LetheTensor

/// Measures the accuracies of a model on the validation samples, beside those of the parent.
///
/// A class is forgotten at `goalForgetAccuracy`. Single samples are forgotten when they are named
/// rightly no more often than validation samples (ours): nothing more is wanted of a model that
/// never saw them.
struct AccuracyMeter {
    private let plan: SamplePlan
    private let pools: ForgetPools
    private let forgetBefore: Double
    private let retainBefore: Double
    /// Whether single samples are forgotten, whose classes stay.
    private let forgetsSamples: Bool

    /// Measures the parent, which the problem's model still is.
    init(_ problem: ForgetProblem, pools: ForgetPools) throws(LetheError) {
        plan = problem.plan
        self.pools = pools
        forgetsSamples = problem.forgottenClasses.isEmpty
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
        let isForgotten =
            forget <= (forgetsSamples ? retain : plan.goalForgetAccuracy) + 1e-12
        let before = ["forgetAccuracyBefore": forgetBefore, "retainAccuracyBefore": retainBefore]
        return SelectionCheck(
            figures: figures.merging(before) { $1 },
            score: forgetsSamples
                ? ForgetMeter.hMean(retain, 1 - abs(forget - retain))
                : ForgetMeter.hMean(retain, forgetBefore - forget),
            meetsGoal: isForgotten
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
