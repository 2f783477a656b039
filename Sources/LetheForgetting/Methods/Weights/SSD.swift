import LetheRecords
import LetheTensor

/// Selective synaptic dampening (arXiv:2308.07707): no training; weights that matter much more for
/// what must be forgotten than for everything are made smaller.
///
/// Importance is the mean of squared batch gradients (the diagonal of the Fisher information, as
/// the released code estimates it). Where I_forget > threshold I_all, a weight is multiplied by
/// min(lambda I_all / I_forget, 1).
struct SSDParameters: WeightMethodParameters {
    static let method = "ssd"
    private let threshold: Double
    private let dampening: Double

    init(_ reader: inout ParameterReader) throws(LetheError) {
        threshold = try reader.number("threshold", default: 10, in: 0...1e9)
        dampening = try reader.number("dampening", default: 1, in: 0...1e9)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .once { () throws(LetheError) in try dampen(problem) }
    }

    private func dampen(_ problem: ForgetProblem) throws(LetheError) -> [String: Double] {
        let forget = try FisherDiagonal.estimate(problem, over: [.forget])
        let all = try FisherDiagonal.estimate(problem, over: [.forget, .retain])
        var changed = 0.0
        for (index, parameter) in problem.parameters.enumerated() {
            let factors = try Self.factors(
                forget: forget[index], all: all[index], threshold: threshold,
                dampening: dampening)
            changed += Double(try factors.less(than: 1).converted(to: .float32).sum().scalar())
            try parameter.multiplyInPlace(factors)
        }
        try problem.hold()
        let total = problem.parameters.reduce(0) { $0 + $1.count }
        return ["dampenedShare": changed / Double(max(1, total))]
    }

    /// What each weight is multiplied by.
    static func factors(
        forget: Tensor, all: Tensor, threshold: Double, dampening: Double
    ) throws(LetheError) -> Tensor {
        let ratio = try (all * dampening / (forget + 1e-30)).clamped(maximum: 1)
        let isSelected = try forget.greater(than: all * threshold)
        return try Tensor.where(
            isSelected, ratio, Tensor(ones: ratio.shape, device: ratio.device))
    }
}

/// The mean of squared batch gradients of the cross entropy, a tensor for each parameter.
enum FisherDiagonal {
    static func estimate(
        _ problem: ForgetProblem, over pools: [Pool]
    ) throws(LetheError) -> [Tensor] {
        var sums: [Tensor] = []
        for parameter in problem.parameters {
            sums.append(try Tensor(zeros: parameter.shape, device: parameter.device))
        }
        var batches = 0
        for pool in pools {
            try problem.walk(pool, batchSize: problem.plan.batchSize) { batch throws(LetheError) in
                let loss = try problem.logits(batch.images).crossEntropy(labels: batch.labels)
                let gradient = try GradientVector(of: loss, withRespectTo: problem.parameters)
                for (sum, part) in zip(sums, gradient.parts) { try sum.addInPlace(part.square()) }
                batches += 1
            }
        }
        for sum in sums { try sum.multiplyInPlace(1 / Double(max(1, batches))) }
        return sums
    }
}
