import LetheRecords
import LetheTensor
import LetheVision

/// Retrain: the gold standard, a network of the same shape trained from random weights on what is
/// retained (arXiv:2304.04934, section 3: 160 epochs at 0.1, stepped; ours falls by a cosine).
struct RetrainParameters: WeightMethodParameters {
    static let method = "retrain"
    private let steps: StepPlan

    init(_ reader: inout ParameterReader) throws(LetheError) {
        steps = try StepPlan(
            &reader, StepPlan.Defaults(epochCount: 160, learningRate: 0.1, weightDecay: 5e-4))
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        let fresh = try problem.createAnew()
        for (old, new) in zip(problem.model.parameters, fresh.parameters) {
            try old.tensor.copy(from: new.tensor)
        }
        return .steps(FineTune(problem, epochCount: steps.epochCount), steps)
    }
}
