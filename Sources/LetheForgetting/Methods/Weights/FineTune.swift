import LetheRecords
import LetheTensor

/// Fine-tuning (FT): cross entropy on what is retained, and nothing else; it forgets what the
/// network no longer sees (arXiv:2304.04934, section 3; the values are those of its code).
struct FineTuneParameters: WeightMethodParameters {
    static let method = "fine-tune"
    private let steps: StepPlan

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(FineTune(problem, epochCount: steps.epochCount), steps)
    }
}

/// Cross entropy on the retained samples, an epoch being one pass over them.
final class FineTune: WeightMethod, LossMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule

    init(_ problem: ForgetProblem, epochCount: Int) {
        self.problem = problem
        schedule = problem.schedule(epochs: epochCount, of: [.retain])
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let batch = try problem.batch(.retain, step: step)
        let loss = try problem.trainingLogits(batch.images).crossEntropy(labels: batch.labels)
        return StepLoss(total: loss, terms: [])
    }
}
