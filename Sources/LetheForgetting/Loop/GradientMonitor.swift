import LetheRecords
import LetheTensor

/// Watches how the gradients of forgetting and of retaining pull: their norms and their cosine.
///
/// It costs two more backward passes, so it looks only at the steps before a check.
final class GradientMonitor {
    private let parameters: [Tensor]
    private let intervalSteps: Int
    /// The last look.
    private(set) var last: GradientLook?
    /// Its figures.
    var figures: [String: Double] {
        guard let last else { return [:] }
        return [
            "forgetGradientNorm": last.forgetNorm, "retainGradientNorm": last.retainNorm,
            "gradientCosine": last.cosine,
        ]
    }

    init(parameters: [Tensor], intervalSteps: Int) {
        self.parameters = parameters
        self.intervalSteps = intervalSteps
    }

    /// Looks at two losses that share a graph, and keeps the graph.
    func observe(forget: Tensor, retain: Tensor, step: Int) throws(LetheError) {
        guard (step + 1).isMultiple(of: intervalSteps) else { return }
        let forgetGradient = try flat(forget)
        let retainGradient = try flat(retain)
        let forgetNorm = Double(try forgetGradient.norm().scalar())
        let retainNorm = Double(try retainGradient.norm().scalar())
        let product = Double(try (forgetGradient * retainGradient).sum().scalar())
        last = GradientLook(
            step: step + 1, forgetNorm: forgetNorm, retainNorm: retainNorm,
            cosine: product / max(forgetNorm * retainNorm, 1e-30))
    }

    private func flat(_ loss: Tensor) throws(LetheError) -> Tensor {
        var parts: [Tensor] = []
        let gradients = try loss.gradients(withRespectTo: parameters, keepingGraph: true)
        for (parameter, gradient) in zip(parameters, gradients) {
            let part =
                if let gradient { gradient } else {
                    try Tensor(zeros: parameter.shape, device: parameter.device)
                }
            parts.append(try part.flattened())
        }
        return try Tensor.concatenated(parts)
    }
}
