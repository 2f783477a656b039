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
        // By name: a checkpoint of integers has another order than a network made anew.
        let random = Dictionary(
            fresh.parameters.map { ($0.name, $0.tensor) }, uniquingKeysWith: { first, _ in first })
        for old in problem.model.parameters {
            if let new = random[old.name] { try old.tensor.copy(from: new) }
        }
        return .steps(FineTune(problem, epochCount: steps.epochCount), steps)
    }
}
