import LetheRecords
import LetheTensor

/// A rank-one change of a matrix that lowers a function of the outputs and leaves given inputs as
/// undisturbed as can be, without a training step (ours).
///
/// With G the derivative of the function by the matrix and C the second moments of the inputs that
/// must stay, `min <G, D> + |D x|^2 / 2` over those inputs has the solution `D = -G inverse(C)`. Of
/// G its largest singular pair (u, v) is taken, so that D = -step * u aᵀ, a = inverse(C) v.
struct ClosedFormEdit {
    /// u, [outputs], of length one.
    let output: Tensor
    /// a, [inputs], of length one.
    let input: Tensor
    /// How far: the function falls by what was asked, to first order.
    let step: Double

    private static let iterationCount = 50

    /// - Parameters:
    ///   - gradient: G, [outputs, inputs].
    ///   - moments: C, [inputs, inputs].
    ///   - ridge: What is added to C's diagonal, as a share of its mean, above 0.
    ///   - drop: By how much the function shall fall.
    init(
        gradient: Tensor, moments: Tensor, ridge: Double, drop: Double
    ) throws(LetheError) {
        let inputs = moments.shape[0]
        let identity = try Tensor.arange(inputs, device: moments.device)
            .oneHot(classCount: inputs).converted(to: .float32)
        let mean = Double(try (moments * identity).sum().scalar()) / Double(inputs)
        let (output, direction) = try Self.largestPair(of: gradient)
        input = try Self.unit(
            Self.solve(moments + identity * (ridge * mean + 1e-12), direction))
        self.output = output
        let slope = Double(
            try gradient.matmul(input.reshaped([inputs, 1])).flattened().dot(output))
        step = slope > 0 ? drop / slope : 0
    }

    /// The first left and right singular vectors, by power iteration.
    private static func largestPair(
        of matrix: Tensor
    ) throws(LetheError) -> (left: Tensor, right: Tensor) {
        let transposed = try matrix.transposed(0, 1)
        var right = try Tensor(ones: [matrix.shape[1], 1], device: matrix.device)
        var left = right
        for _ in 0..<iterationCount {
            left = try unit(matrix.matmul(right))
            right = try unit(transposed.matmul(left))
        }
        return (try left.flattened(), try right.flattened())
    }

    /// x with `matrix x = vector` for a positive definite matrix, by conjugate gradients.
    static func solve(_ matrix: Tensor, _ vector: Tensor) throws(LetheError) -> Tensor {
        let vector = try vector.reshaped([vector.count, 1])
        var solution = try vector * 0
        var residual = vector
        var direction = vector
        var square = try residual.dot(residual)
        let enough = square * 1e-12
        for _ in 0..<4 * iterationCount where square > enough {
            let image = try matrix.matmul(direction)
            let length = try square / direction.dot(image)
            solution = try solution + direction * length
            residual = try residual - image * length
            let next = try residual.dot(residual)
            direction = try residual + direction * (next / square)
            square = next
        }
        return try solution.flattened()
    }

    private static func unit(_ vector: Tensor) throws(LetheError) -> Tensor {
        try vector / (vector.norm() + 1e-30)
    }
}

extension Tensor {
    /// The inner product of two tensors of the same shape.
    fileprivate func dot(_ other: Tensor) throws(LetheError) -> Double {
        Double(try (self * other).sum().scalar())
    }
}
