public import LetheRecords
public import LetheTensor

/// What a layer's weight and input go through on their way into its product, so that training
/// sees what a low-bit model computes (quantisation-aware training, arXiv:1712.05877).
///
/// The weight itself stays in floating point: only what the product sees is on the grid.
public final class LayerQuantizer {
    /// Bits of a weight, 2...8; 0 leaves it.
    public let weightBits: Int
    /// Bits of a number of the input, 2...8; 0 leaves it.
    public let activationBits: Int
    /// Whether inputs are counted in the range.
    public var isObserving = false
    /// The range of the inputs, float32 [3]: minimum, maximum, batches seen; changed in place.
    public var range: Tensor { inputs.tensor }

    private let inputs: ActivationRange

    init(weightBits: Int, activationBits: Int, device: Device) throws(LetheError) {
        self.weightBits = weightBits
        self.activationBits = activationBits
        inputs = try ActivationRange(device: device)
    }

    /// The weight on its grid.
    ///
    /// - Parameter weight: [outputs, ...].
    /// - Returns: The same shape, with the straight-through gradient.
    /// - Throws: `tensor` for a weight of one dimension.
    public func weight(_ weight: Tensor) throws(LetheError) -> Tensor {
        guard weightBits > 0 else { return weight }
        return try WeightGrid(weight, bits: weightBits).quantized(weight)
    }

    /// The input on its grid, counted before where this observes; as it is before the first count.
    ///
    /// - Parameter input: Any shape.
    /// - Returns: The same shape; the gradient is 0 outside the range.
    /// - Throws: `tensor` for an empty input.
    public func input(_ input: Tensor) throws(LetheError) -> Tensor {
        guard activationBits > 0 else { return input }
        if isObserving { try inputs.observe(input) }
        guard let grid = try inputs.grid(bits: activationBits) else { return input }
        return try grid(input)
    }
}

/// A layer whose product can be computed with integers.
public protocol QuantizableLayer: AnyObject {
    /// The name in the checkpoint without `.weight`.
    var name: String { get }
    /// The weight in floating point, [outputs, ...].
    var weight: Tensor { get set }
    /// What weight and input go through; nil for a layer that computes in floating point.
    var quantizer: LayerQuantizer? { get set }
}

/// The layers of a model that can be quantised, by where they are.
public struct QuantizableLayers {
    /// Those that see the image.
    public let first: [any QuantizableLayer]
    /// Those in between, from the input on.
    public let inner: [any QuantizableLayer]
    /// Those that make scores.
    public let last: [any QuantizableLayer]

    /// All, from the input on.
    public var all: [any QuantizableLayer] { first + inner + last }
}
