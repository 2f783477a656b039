import LetheRecords
import LetheTensor

/// The symmetric integer grid of a layer's weight, one scale for each output channel.
///
/// The paper's quantiser is not known (methods.md 4.4); this one is ours: the largest magnitude of
/// a channel is its largest integer, `2^(bits - 1) - 1`. Quantising what is on the grid already
/// gives the same bits and the same scales.
struct WeightGrid {
    /// [outputs, 1, ...], as many dimensions as the weight.
    let scale: Tensor
    /// The largest integer.
    let limit: Double

    /// Finds the scales of a weight.
    ///
    /// - Parameters:
    ///   - weight: [outputs, ...], at least two dimensions.
    ///   - bits: 2...8.
    init(_ weight: Tensor, bits: Int) throws(LetheError) {
        limit = Double((1 << (bits - 1)) - 1)
        // A tensor, as a division by a plain number may be a product with its reciprocal.
        let divisor = try Tensor(filling: limit, shape: [1], device: weight.device)
        let largest = try weight.detached().absolute().maximum(
            over: Array(1..<weight.rank), keepingDimensions: true)
        let first = try (largest / divisor).clamped(minimum: Self.smallestScale)
        // Once more, from the largest number on the grid: the scale is then one that comes back.
        scale = try (first * divisor) / divisor
    }

    /// A channel of zeros has this scale, as it needs one.
    private static let smallestScale = 1e-12

    /// The weight on the grid, with the straight-through gradient.
    func quantized(_ weight: Tensor) throws(LetheError) -> Tensor {
        try FakeQuantization(scale: scale, zeroPoint: 0, integers: -limit...limit)(weight)
    }

    /// The integers of a weight, int8, of its shape.
    func integers(_ weight: Tensor) throws(LetheError) -> Tensor {
        try (weight.detached() * scale.reciprocal()).rounded()
            .clamped(minimum: -limit, maximum: limit).converted(to: .int8)
    }
}
