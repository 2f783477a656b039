import LetheRecords
import LetheTensor

/// l1-sparse unlearning (arXiv:2304.04934, section 4.2): fine-tuning on what is retained with an
/// l1 penalty on every weight, norms and biases included, as plain subgradient descent.
///
/// The released code's weight falls linearly over the epochs; the paper compares it with a constant
/// and a rising one. The paper's weight is not published; 1e-4 is the value of a third party
/// (methods.md 1.3). Nothing becomes exactly zero by this.
struct L1SparseParameters: WeightMethodParameters {
    /// How the weight of the penalty goes over the epochs.
    enum Schedule: String, CaseIterable, Sendable {
        case falling
        case constant
        case rising
    }

    static let method = "l1-sparse"
    let steps: StepPlan
    let weight: Double
    let schedule: Schedule
    let epochsWithout: Int

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(&reader, StepPlan.Defaults())
        weight = try reader.number("l1Weight", default: 1e-4, in: 0...1)
        schedule = try reader.choice("l1Schedule", default: Schedule.falling)
        epochsWithout = try reader.integer("epochsWithoutL1", default: 0, in: 0...100_000)
    }

    /// gamma of an epoch, counted from 0: alpha (1 - e / (E - E0)), and 0 in the last E0 epochs.
    func penalty(epoch: Int) -> Double {
        let length = steps.epochCount - epochsWithout
        guard epoch < length else { return 0 }
        return switch schedule {
        case .falling: weight * (1 - Double(epoch) / Double(length))
        case .constant: weight
        case .rising: weight * Double(epoch + 1) / Double(length)
        }
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .steps(L1Sparse(problem, self), steps)
    }
}

/// Fine-tuning with the penalty; an epoch is one pass over the retained samples.
final class L1Sparse: WeightMethod, LossMethod {
    let problem: ForgetProblem
    let schedule: PassSchedule
    private let plan: L1SparseParameters

    init(
        _ problem: ForgetProblem, _ plan: L1SparseParameters
    ) {
        self.problem = problem
        self.plan = plan
        schedule = problem.schedule(epochs: plan.steps.epochCount, of: [.retain])
    }

    func loss(step: Int) throws(LetheError) -> StepLoss {
        let batch = try problem.batch(.retain, step: step)
        let retain = try problem.trainingLogits(batch.images).crossEntropy(labels: batch.labels)
        var sums: [Tensor] = []
        for parameter in parameters { sums.append(try parameter.absolute().sum()) }
        var terms = WeightedTerms()
        try terms.add("retain", 1, retain)
        try terms.add(
            "l1", plan.penalty(epoch: schedule.place(step).epoch), Tensor.stacked(sums).sum())
        return try terms.result()
    }
}
