import LetheRecords
import LetheTensor

/// Influence unlearning with WoodFisher (IU; arXiv:2304.04934, section 3 and its code): one Newton
/// step, its inverse Hessian approximated from single-sample gradients.
///
/// With v the gradient of leaving the forget samples out: k starts at v, o at the first sample's
/// gradient; each further gradient g gives k -= (k.g) / (N + o.g) o, then o -= (o.g) / (N + o.g) o;
/// in the end the weights move by alpha k.
struct InfluenceParameters: WeightMethodParameters {
    static let method = "influence"
    private let alpha: Double
    private let sampleCount: Int

    init(_ reader: inout ParameterReader) throws(LetheError) {
        alpha = try reader.number("alpha", default: 1, in: 0...1e6)
        sampleCount = try reader.integer("sampleCount", default: 1000, in: 2...1_000_000)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .once { () throws(LetheError) in
            let direction = try inverse(problem, of: direction(problem))
            try direction.move(problem.parameters, scale: alpha)
            try problem.hold()
            return ["stepNorm": alpha * (try direction.norm())]
        }
    }

    /// v = (sum over forget) / n - (sum over retained) n_f / (n n_r).
    private func direction(_ problem: ForgetProblem) throws(LetheError) -> GradientVector {
        let forgetCount = Double(problem.forget.count)
        let retainCount = Double(problem.retain.count)
        let total = forgetCount + retainCount
        return try Self.sum(problem, .forget).combined(
            1 / total, Self.sum(problem, .retain), -forgetCount / (total * retainCount))
    }

    private static func sum(
        _ problem: ForgetProblem, _ pool: Pool
    ) throws(LetheError) -> GradientVector {
        var zeros: [Tensor] = []
        for parameter in problem.parameters {
            zeros.append(try Tensor(zeros: parameter.shape, device: parameter.device))
        }
        try problem.walk(pool, batchSize: problem.plan.batchSize) { batch throws(LetheError) in
            let loss = try problem.logits(batch.images)
                .crossEntropy(labels: batch.labels, reduction: .sum)
            try GradientVector(of: loss, withRespectTo: problem.parameters).move(zeros, scale: 1)
        }
        return GradientVector(zeros)
    }

    private func inverse(
        _ problem: ForgetProblem, of start: GradientVector
    ) throws(LetheError) -> GradientVector {
        var source = problem.seed.source("influence samples", 0)
        let order = source.permutation(problem.retain.count).prefix(sampleCount)
        let scale = Double(order.count)
        var result = start
        var other: GradientVector?
        for position in order {
            try problem.cancellation.throwIfSet()
            let gradient = try GradientVector(
                of: problem.logits(problem.retain.images(at: [position]))
                    .crossEntropy(labels: problem.retain.labels(at: [position])),
                withRespectTo: problem.parameters)
            guard let known = other else {
                other = gradient
                continue
            }
            let product = try known.dot(gradient)
            result = try result.combined(
                1, known, -(try result.dot(gradient)) / (scale + product))
            other = try known.combined(1 - product / (scale + product), known, 0)
        }
        return result
    }
}
