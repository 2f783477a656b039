import LetheRecords
import LetheTensor

extension TrainingMethod {
    /// One step: forward, backward, update.
    ///
    /// - Parameters:
    ///   - step: Counted from 0.
    ///   - gradientNormLimit: Gradients are scaled down to this joint norm; 0 leaves them.
    /// - Returns: The loss, its terms and, where it is limited, the norm of the gradients.
    /// - Throws: `numerical` with the step and every term where one is not finite.
    func update(
        step: Int, _ optimizer: any Optimizer, learningRate: Double, gradientNormLimit: Double
    ) throws(LetheError) -> [String: Double] {
        optimizer.learningRate = learningRate
        try optimizer.zeroGradients()
        var figures = try gradients(step: step)
        guard figures["loss", default: 0].isFinite else { throw notFinite(step, figures) }
        if gradientNormLimit > 0 {
            let norm = try Tensor.clipGradients(of: parameters, maximumNorm: gradientNormLimit)
            figures["gradientNorm"] = norm
            guard norm.isFinite else { throw notFinite(step, figures) }
        }
        try optimizer.step()
        try didMove(step: step, learningRate: learningRate)
        return figures
    }

    private func notFinite(_ step: Int, _ figures: [String: Double]) -> LetheError {
        let terms = figures.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
        return LetheError(
            code: .numerical,
            message: "Step \(step + 1) gave no finite numbers: \(terms.joined(separator: ", "))."
                + (samples(step: step).map { " Its samples: \($0)." } ?? ""),
            remedy: "Lower learningRate or set gradientNormLimit in the recipe; if that does not "
                + "help, look for images that are all one colour or weights that are not finite.")
    }
}
