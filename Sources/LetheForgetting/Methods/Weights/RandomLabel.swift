import LetheRecords
import LetheTensor

/// Random labels (RL): what must be forgotten is learnt under wrong labels, drawn anew in every
/// epoch; after each pass over it comes one over what is retained.
///
/// The order of the passes is that of SalUn's code (methods.md section 8). Its labels may be the
/// right one by chance; ours never are.
struct RandomLabelParameters: WeightMethodParameters {
    static let method = "random-label"
    private let steps: StepPlan

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(RandomLabel(problem, epochCount: steps.epochCount), steps)
    }
}

/// An epoch is one pass over the forget samples and one over the retained ones.
final class RandomLabel: WeightMethod, LossMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule

    init(_ problem: ForgetProblem, epochCount: Int) {
        self.problem = problem
        schedule = problem.schedule(epochs: epochCount, of: [.forget, .retain])
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let place = schedule.place(step)
        let batch = try problem.batch(place.pool, step: place.step)
        var labels = batch.labels
        if place.pool == .forget {
            var source = problem.seed.source("wrong labels", step)
            labels = try WrongLabels.draw(
                for: labels, classCount: problem.classCount, &source)
        }
        let loss = try problem.trainingLogits(batch.images).crossEntropy(labels: labels)
        return StepLoss(total: loss, terms: [])
    }
}
