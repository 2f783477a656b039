import LetheRecords
import LetheTensor

/// Numbers as an integer grid has them, still in floating point, with the straight-through
/// gradient (arXiv:1308.3432): 1 for what the grid reaches, 0 for what was cut off.
///
/// Rounding and the border of the gradient are those of PyTorch's `fake_quantize`.
struct FakeQuantization {
    /// The distance of neighbours, one number or one that spreads over `input`.
    let scale: Tensor
    /// The integer that stands for 0.
    let zeroPoint: Double
    /// The integers that there are.
    let integers: ClosedRange<Double>

    /// - Parameter input: Any shape that `scale` spreads over.
    /// - Returns: The same shape; equal numbers with and without a gradient behind them.
    func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        let numbers = try input.detached()
        let whole = try (numbers * scale.reciprocal()).rounded() + zeroPoint
        let kept = try whole.clamped(
            minimum: integers.lowerBound, maximum: integers.upperBound)
        let result = try (kept - zeroPoint) * scale
        guard input.requiresGradient else { return result }
        let isReached = try whole.greaterOrEqual(to: integers.lowerBound)
            .logicalAnd(whole.lessOrEqual(to: integers.upperBound)).converted(to: .float32)
        // The difference is exactly 0: the result keeps its bits and gets the gradient.
        return try result + (input - numbers) * isReached
    }
}
