import LetheRecords
import LetheTensor

/// Q-MUL (methods.md section 4): what must be forgotten is learnt under similar labels, together
/// with what is retained, and neither gradient may drown the other.
///
/// The paper describes the two parts and not how they are put together: that every step takes a
/// batch of each pool, and the formula of the weights, are ours.
struct QMULParameters: WeightMethodParameters {
    /// What the forget samples are learnt as.
    enum Labels: String, CaseIterable, Sendable {
        /// The nearest class by the parent's probabilities, the same in every step.
        case similar
        /// Another class, drawn anew in every step.
        case wrong
    }

    static let method = "q-mul"
    let steps: StepPlan
    let labels: Labels
    let weighting: GradientWeighting

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
        labels = try reader.choice("labels", default: Labels.similar)
        weighting = try reader.choice("weighting", default: GradientWeighting.equalNorm)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(try QMUL(problem, self), steps)
    }
}

/// An epoch is one pass over the retained samples; forget batches come round as they are needed.
final class QMUL: WeightMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule
    private let plan: QMULParameters
    /// A label for each forget sample, from the model before the run.
    private let similarLabels: [Int64]
    private let record: BalanceRecord
    private(set) var lastLook: GradientLook?

    init(
        _ problem: ForgetProblem, _ plan: QMULParameters
    ) throws(LetheError) {
        self.problem = problem
        self.plan = plan
        record = try BalanceRecord()
        similarLabels = plan.labels == .similar ? try problem.similarLabels() : []
        schedule = problem.schedule(epochs: plan.steps.epochCount, of: [.retain])
    }

    var statistics: [Tensor] { problem.statistics + [record.tensor] }

    func gradients(step: Int) throws(LetheError) -> [String: Double] {
        let retained = try problem.batch(.retain, step: step)
        let forgotten = try problem.batch(.forget, step: step)
        let retain = try gradient(retained.images, retained.labels)
        let forget = try gradient(forgotten.images, labels(of: forgotten, step: step))
        let conflict = try GradientConflict(forget.gradient, retain.gradient)
        lastLook = GradientLook(
            step: step + 1, forgetNorm: conflict.innerNorm, retainNorm: conflict.outerNorm,
            cosine: conflict.cosine)
        var average = try record.average()
        let weights = plan.weighting.weights(
            forgetNorm: conflict.innerNorm, retainNorm: conflict.outerNorm, average: &average)
        try record.add(cosine: conflict.cosine, average: average)
        let direction =
            plan.weighting == .projection
            ? try GradientWeighting.projected(forget.gradient, awayFrom: retain.gradient)
            : forget.gradient
        try direction.combined(weights.forget, retain.gradient, weights.retain).put(on: parameters)
        return [
            "loss": weights.forget * forget.loss + weights.retain * retain.loss,
            "forget": forget.loss, "retain": retain.loss, "forgetWeight": weights.forget,
            "retainWeight": weights.retain, "forgetGradientNorm": conflict.innerNorm,
            "retainGradientNorm": conflict.outerNorm, "gradientCosine": conflict.cosine,
        ]
    }

    func check(step: Int) throws(LetheError) -> SelectionCheck {
        var check = try problem.check()
        check.figures.merge(try record.figures()) { $1 }
        return check
    }

    private func labels(of batch: SampleBatch, step: Int) throws(LetheError) -> Tensor {
        guard plan.labels == .wrong else {
            return try Tensor(batch.positions.map { similarLabels[$0] })
                .moved(to: batch.labels.device)
        }
        var source = problem.seed.source("wrong labels", step)
        return try WrongLabels.draw(
            for: batch.labels, classCount: problem.classCount, &source)
    }

    private func gradient(
        _ images: Tensor, _ labels: Tensor
    ) throws(LetheError) -> (loss: Double, gradient: GradientVector) {
        let loss = try problem.trainingLogits(images).crossEntropy(labels: labels)
        return (
            Double(try loss.scalar()), try GradientVector(of: loss, withRespectTo: parameters)
        )
    }
}

extension ForgetProblem {
    /// Similar labels of the forget samples, as they are stored, by the model as it is.
    fileprivate func similarLabels() throws(LetheError) -> [Int64] {
        let probabilities = try forget.map(
            batchSize: plan.evaluationBatchSize, cancellation: cancellation
        ) { images throws(LetheError) in
            try self.logits(images).softmax(dimension: 1).moved(to: .cpu)
        }
        return try SimilarLabels.choose(
            for: forget.labels, probabilities: probabilities, excluding: Set(forgottenClasses))
    }
}
