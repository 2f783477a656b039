import LetheRecords
import LetheTensor

/// The gradient of J(theta) = A(theta) + B(theta - alpha grad A(theta)), exactly or to an order
/// (methods.md 3.2).
struct LookAhead: Sendable {
    /// How much of the inner step is differentiated.
    enum Level: String, CaseIterable, Sendable {
        /// grad A + grad B, both at theta: no look ahead at all.
        case plainSum
        /// grad A + grad B(theta').
        case firstOrder
        /// grad A + (I - alpha H_A) grad B(theta'); the product with the Hessian by central
        /// differences.
        case exact
    }

    /// A loss at the parameters as they are.
    typealias Loss = () throws(LetheError) -> Tensor

    /// What comes out.
    struct Result {
        let gradient: GradientVector
        /// A(theta) + B, where B was evaluated.
        let loss: Double
        var conflict: GradientConflict
    }

    let level: Level
    /// alpha, the length of the inner step.
    let innerRate: Double
    /// Whether the conflict is that of both gradients at theta, so that levels can be compared.
    ///
    /// It costs a pass. Else it is that of the gradients at hand: grad A(theta) and grad B(theta').
    var comparesAtStart = false

    /// - Parameters:
    ///   - inner: A.
    ///   - outer: B.
    ///   - parameters: Moved while this computes, and put back bit for bit.
    ///   - statistics: What evaluating a loss changes besides. A at theta and B count once each,
    ///     whatever the level; what the other passes change is undone.
    func gradient(
        inner: Loss, outer: Loss, parameters: [Tensor], statistics: [Tensor] = []
    ) throws(LetheError) -> Result {
        let first = try inner()
        let innerGradient = try GradientVector(of: first, withRespectTo: parameters)
        guard level != .plainSum else {
            let second = try outer()
            let outerGradient = try GradientVector(of: second, withRespectTo: parameters)
            return try result(first, second, innerGradient, outerGradient, innerGradient)
        }
        var start: GradientVector?
        if comparesAtStart {
            let before = Kept(try statistics.copies(), of: statistics)
            start = try GradientVector(of: outer(), withRespectTo: parameters)
            try before.restore()
        }
        let theta = Kept(try parameters.copies(), of: parameters)
        try innerGradient.move(parameters, scale: -innerRate)
        let second = try outer()
        let outerGradient = try GradientVector(of: second, withRespectTo: parameters)
        try theta.restore()
        var contribution = innerGradient
        if level == .exact {
            let all = parameters + statistics
            let product = try hessianProduct(
                inner, outerGradient, parameters, Kept(all.copies(), of: all))
            contribution = try innerGradient.combined(1, product, -innerRate)
        }
        var result = try result(first, second, innerGradient, outerGradient, contribution)
        if let start { result.conflict = try GradientConflict(innerGradient, start) }
        return result
    }

    /// Tensors and the values that they had.
    private struct Kept {
        private let values: [Tensor]
        private let tensors: [Tensor]

        init(_ values: [Tensor], of tensors: [Tensor]) {
            self.values = values
            self.tensors = tensors
        }

        func restore() throws(LetheError) {
            for (tensor, value) in zip(tensors, values) { try tensor.copy(from: value) }
        }
    }

    /// H_A v = (grad A(theta + e v) - grad A(theta - e v)) / 2e.
    private func hessianProduct(
        _ loss: Loss, _ vector: GradientVector, _ parameters: [Tensor],
        _ start: Kept
    ) throws(LetheError) -> GradientVector {
        let norm = try vector.norm()
        guard norm > 0 else { return vector }
        let length = 1e-2 / norm
        try vector.move(parameters, scale: length)
        let ahead = try GradientVector(of: loss(), withRespectTo: parameters)
        try start.restore()
        try vector.move(parameters, scale: -length)
        let behind = try GradientVector(of: loss(), withRespectTo: parameters)
        try start.restore()
        return try ahead.combined(1 / (2 * length), behind, -1 / (2 * length))
    }

    /// Adds the outer gradient to what the inner loss contributes.
    private func result(
        _ first: Tensor, _ second: Tensor, _ inner: GradientVector, _ outer: GradientVector,
        _ contribution: GradientVector
    ) throws(LetheError) -> Result {
        Result(
            gradient: try contribution.combined(1, outer, 1),
            loss: Double(try first.scalar()) + Double(try second.scalar()),
            conflict: try GradientConflict(inner, outer))
    }
}
