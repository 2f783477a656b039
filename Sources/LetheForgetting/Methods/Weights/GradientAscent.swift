import LetheRecords
import LetheTensor

/// Gradient ascent (GA): minus the cross entropy of what must be forgotten; what is retained is not
/// touched (arXiv:2304.04934, section 3; five epochs at 1e-4 are the code's, for whole classes).
struct GradientAscentParameters: WeightMethodParameters {
    static let method = "gradient-ascent"
    private let steps: StepPlan

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults(epochCount: 5, learningRate: 1e-4))
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(GradientAscent(problem, epochCount: steps.epochCount), steps)
    }
}

/// An epoch is one pass over the forget samples.
final class GradientAscent: WeightMethod, LossMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule

    init(_ problem: ForgetProblem, epochCount: Int) {
        self.problem = problem
        schedule = problem.schedule(epochs: epochCount, of: [.forget])
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let batch = try problem.batch(.forget, step: step)
        let forget = try problem.trainingLogits(batch.images).crossEntropy(labels: batch.labels)
        return StepLoss(total: try forget * -1.0, terms: [("forget", try forget.detached())])
    }
}
