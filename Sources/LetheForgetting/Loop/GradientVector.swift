import LetheRecords
import LetheTensor

/// One gradient for each parameter, taken together as one long vector.
struct GradientVector {
    /// In the order of the parameters.
    let parts: [Tensor]

    init(_ parts: [Tensor]) {
        self.parts = parts
    }

    /// The derivatives of one number; parameters that it does not depend on get zeros.
    init(
        of loss: Tensor, withRespectTo parameters: [Tensor], keepingGraph: Bool = false
    ) throws(LetheError) {
        let gradients = try loss.gradients(withRespectTo: parameters, keepingGraph: keepingGraph)
        var parts: [Tensor] = []
        for (parameter, gradient) in zip(parameters, gradients) {
            if let gradient {
                parts.append(try gradient.detached())
            } else {
                parts.append(try Tensor(zeros: parameter.shape, device: parameter.device))
            }
        }
        self.parts = parts
    }

    /// The inner product.
    func dot(_ other: GradientVector) throws(LetheError) -> Double {
        var sums: [Tensor] = []
        for (left, right) in zip(parts, other.parts) { sums.append(try (left * right).sum()) }
        return Double(try Tensor.stacked(sums).sum().scalar())
    }

    /// The Euclidean norm.
    func norm() throws(LetheError) -> Double { try dot(self).squareRoot() }

    /// The cosine of the angle between two; 0 where one of them is zero.
    func cosine(_ other: GradientVector) throws(LetheError) -> Double {
        let norms = try norm() * other.norm()
        return norms > 0 ? try dot(other) / norms : 0
    }

    /// `scale * self + otherScale * other`.
    func combined(
        _ scale: Double, _ other: GradientVector, _ otherScale: Double
    ) throws(LetheError) -> GradientVector {
        var sums: [Tensor] = []
        for (left, right) in zip(parts, other.parts) {
            sums.append(try left * scale + right * otherScale)
        }
        return GradientVector(sums)
    }

    /// Makes these the gradients of the parameters.
    func put(on parameters: [Tensor]) throws(LetheError) {
        for (parameter, part) in zip(parameters, parts) { try parameter.setGradient(part) }
    }

    /// Moves tensors of the same shapes by `scale` times this vector.
    func move(_ parameters: [Tensor], scale: Double) throws(LetheError) {
        for (parameter, part) in zip(parameters, parts) {
            try parameter.addInPlace(part, scale: scale)
        }
    }
}
