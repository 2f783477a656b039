import LetheRecords
import LetheTensor
import LetheVision

/// SCRUB (arXiv:2302.09880): away from the teacher on what must be forgotten, close to it and to
/// the labels on what is retained; the teacher is the parent.
///
/// An epoch is a pass that maximises KL(teacher || student) over the forget samples, for the first
/// `ascentEpochCount` epochs only, and one that minimises `labelWeight` CE + `teacherWeight` KL
/// over the retained ones; the values are those of the loop that methods.md 5.6 gives.
struct SCRUBParameters: WeightMethodParameters {
    static let method = "scrub"
    let steps: StepPlan
    let ascentEpochCount: Int
    let labelWeight: Double
    let teacherWeight: Double
    let temperature: Double

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(
            &reader,
            StepPlan.Defaults(
                epochCount: 10, learningRate: 5e-4, algorithm: .adamW, weightDecay: 0))
        ascentEpochCount = try reader.integer("ascentEpochCount", default: 5, in: 0...100_000)
        labelWeight = try reader.number("labelWeight", default: 0.99, in: 0...1e3)
        teacherWeight = try reader.number("teacherWeight", default: 0.001, in: 0...1e3)
        temperature = try reader.number("temperature", default: 2, in: 0.01...1e3)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(try SCRUB(problem, self), steps)
    }
}

/// The alternation of ascent and descent.
final class SCRUB: WeightMethod, LossMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule
    private let plan: SCRUBParameters
    private let teacher: any ImageClassifier

    init(
        _ problem: ForgetProblem, _ plan: SCRUBParameters
    ) throws(LetheError) {
        self.problem = problem
        self.plan = plan
        teacher = try problem.loadParent()
        schedule = PassSchedule(
            (0..<plan.steps.epochCount).map {
                $0 < plan.ascentEpochCount ? [.forget, .retain] : [.retain]
            }, stepCount: problem.stepCount)
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let place = schedule.place(step)
        let batch = try problem.batch(place.pool, step: place.step)
        let logits = try problem.trainingLogits(batch.images)
        let divergence = try divergence(logits, batch.images)
        guard place.pool == .retain else {
            return StepLoss(
                total: try divergence * -1.0, terms: [("divergence", try divergence.detached())])
        }
        var terms = WeightedTerms()
        try terms.add("retain", plan.labelWeight, logits.crossEntropy(labels: batch.labels))
        try terms.add("divergence", plan.teacherWeight, divergence)
        return try terms.result()
    }

    /// T² KL(teacher || student) of softened scores, the batch's mean.
    private func divergence(_ logits: Tensor, _ images: Tensor) throws(LetheError) -> Tensor {
        let target = try withoutGradient { () throws(LetheError) in
            try (teacher.logits(images) / plan.temperature).logSoftmax(dimension: 1)
        }
        let student = try (logits / plan.temperature).logSoftmax(dimension: 1)
        return try (target.exponential() * (target - student)).sum(over: [1]).mean()
            * (plan.temperature * plan.temperature)
    }
}
