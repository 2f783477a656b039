import LetheRecords
import LetheTensor

/// The range that a layer's inputs have, averaged over batches, and the unsigned integer grid over
/// it: per tensor, asymmetric; what is never negative, as after ReLU, has all integers above 0.
///
/// Average and grid are those of PyTorch's `MovingAverageMinMaxObserver`; that it is used here is
/// ours (methods.md 4.4).
struct ActivationRange {
    /// How much a batch counts.
    private static let batchShare = 0.01
    /// The smallest scale: the distance of 1 to the next number.
    private static let smallestScale = Float.ulpOfOne

    /// float32: minimum, maximum, batches seen; changed in place.
    let tensor: Tensor

    /// - Parameter device: Where the inputs are.
    init(device: Device) throws(LetheError) {
        tensor = try Tensor(zeros: [3], device: device)
    }

    /// Counts a batch; the first one is the range.
    func observe(_ input: Tensor) throws(LetheError) {
        let old = try tensor.floats()
        let numbers = try input.detached()
        let now = try Tensor.stacked([
            numbers.minimum(), numbers.maximum(),
            Tensor(filling: Double(old[2] + 1), shape: [], device: input.device),
        ])
        guard old[2] > 0 else { return try tensor.copy(from: now) }
        let averaged = try tensor + (now - tensor) * Self.batchShare
        try tensor.narrowed(dimension: 0, start: 0, length: 2)
            .copy(from: averaged.narrowed(dimension: 0, start: 0, length: 2))
        try tensor.selected(dimension: 0, index: 2).fill(Double(old[2] + 1))
    }

    /// The grid over the range, which always contains 0; nil before the first batch.
    ///
    /// - Parameter bits: 2...8.
    func grid(bits: Int) throws(LetheError) -> FakeQuantization? {
        let values = try tensor.floats()
        guard values[2] > 0 else { return nil }
        let last = Float((1 << bits) - 1)
        let low = min(values[0], 0)
        let scale = max((max(values[1], 0) - low) / last, Self.smallestScale)
        let zeroPoint = min(max(-(low / scale).rounded(.toNearestOrEven), 0), last)
        return FakeQuantization(
            scale: try Tensor(filling: Double(scale), shape: [1], device: tensor.device),
            zeroPoint: Double(zeroPoint), integers: 0...Double(last))
    }
}
