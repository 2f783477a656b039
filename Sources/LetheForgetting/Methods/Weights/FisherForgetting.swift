import LetheRecords
import LetheTensor

/// Fisher forgetting (FF; arXiv:1911.04933 as arXiv:2304.04934's code has it): noise on every weight,
/// the more the less the retained samples depend on it.
///
/// For each class y the squared gradient of the cross entropy toward y, weighted by the batch's
/// mean probability of y, is summed and divided by the number of batches; the variance of the noise
/// is alpha / (F + 1e-8), clamped. Tensors with more than one dimension share their variance along
/// the second; the head and vectors get ten times as much. Where whole classes are forgotten, the
/// head's rows of these are drawn anew around 0 with variance 1e-4.
struct FisherForgettingParameters: WeightMethodParameters {
    static let method = "fisher-forgetting"
    private static let batchSize = 32
    private let alpha: Double

    init(_ reader: inout ParameterReader) throws(LetheError) {
        alpha = try reader.number("alpha", default: 1e-9, in: 0...1)
    }

    func procedure(_ problem: ForgetProblem) throws(LetheError) -> WeightProcedure {
        .once { () throws(LetheError) in try scrub(problem) }
    }

    private func scrub(_ problem: ForgetProblem) throws(LetheError) -> [String: Double] {
        let fisher = try information(problem)
        let generator = try Generator(seed: problem.seed.value("fisher noise", 0))
        let classes = problem.forgottenClasses
        for (index, parameter) in problem.parameters.enumerated() {
            let variance = try variance(fisher[index], classCount: problem.classCount)
            let noise = try Tensor.normal(shape: parameter.shape, generator: generator)
                .moved(to: parameter.device)
            try parameter.addInPlace(variance.squareRoot().expanded(parameter.shape) * noise)
            guard parameter.shape.first == problem.classCount else { continue }
            for label in classes {
                let row = try parameter.detached().narrowed(dimension: 0, start: label, length: 1)
                try row.copy(
                    from: Tensor.normal(
                        shape: row.shape, standardDeviation: 1e-2, generator: generator
                    ).moved(to: row.device))
            }
        }
        try problem.hold()
        return [:]
    }

    /// F of every parameter over the retained samples.
    private func information(_ problem: ForgetProblem) throws(LetheError) -> [Tensor] {
        var sums: [Tensor] = []
        for parameter in problem.parameters {
            sums.append(try Tensor(zeros: parameter.shape, device: parameter.device))
        }
        var batches = 0
        try problem.walk(.retain, batchSize: Self.batchSize) { batch throws(LetheError) in
            let logits = try problem.logits(batch.images)
            let shares = try logits.detached().softmax(dimension: 1).mean(over: [0]).doubles()
            for label in 0..<problem.classCount {
                let labels = try Tensor(
                    [Int64](repeating: Int64(label), count: batch.positions.count)
                )
                .moved(to: logits.device)
                let gradient = try GradientVector(
                    of: logits.crossEntropy(labels: labels), withRespectTo: problem.parameters,
                    keepingGraph: label + 1 < problem.classCount)
                for (sum, part) in zip(sums, gradient.parts) {
                    try sum.addInPlace(part.square(), scale: shares[label])
                }
            }
            batches += 1
        }
        for sum in sums { try sum.multiplyInPlace(1 / Double(max(1, batches))) }
        return sums
    }

    private func variance(_ fisher: Tensor, classCount: Int) throws(LetheError) -> Tensor {
        let isHead = fisher.shape.first == classCount
        var variance = try (fisher + 1e-8).reciprocal().clamped(maximum: isHead ? 1e2 : 1e3) * alpha
        if fisher.rank > 1 { variance = try variance.mean(over: [1], keepingDimensions: true) }
        return isHead || fisher.rank == 1 ? try variance * 10.0 : variance
    }
}
