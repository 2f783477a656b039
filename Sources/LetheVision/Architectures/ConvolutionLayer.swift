public import LetheRecords
public import LetheTensor

/// A two-dimensional convolution with a square kernel.
public final class ConvolutionLayer {
    /// The zeros around the image.
    public enum Padding: Sendable, Hashable {
        /// So many on each side.
        case zeros(Int)
        /// As many as it takes for an output of `size / stride`, rounded up; where their number is
        /// odd, one more on the right and below (TensorFlow's SAME).
        case same
    }

    /// The name in the checkpoint without `.weight`, such as `layer1.0.conv1`.
    public let name: String
    /// How many pixels the kernel moves on, down and to the right.
    public let stride: Int
    /// The zeros around the image.
    public let padding: Padding
    /// Into how many parts the channels are cut, each with outputs of its own.
    public let groups: Int

    /// What weight and input go through, beside the low-rank update; nil for none.
    public var quantizer: LayerQuantizer?
    /// An update that is added without touching the weight; nil for none, and for every layer that
    /// is not `isPointwise`.
    public var lowRank: LowRankUpdate?

    private let weightParameter: NamedTensor
    private let biasParameter: NamedTensor?

    init(
        name: String, weight: NamedTensor, bias: NamedTensor?, stride: Int, padding: Padding,
        groups: Int
    ) {
        self.name = name
        weightParameter = weight
        biasParameter = bias
        self.stride = stride
        self.padding = padding
        self.groups = groups
    }

    /// The weight, [outputs, inputs / groups, kernel, kernel].
    public var weight: Tensor {
        get { weightParameter.tensor }
        set { weightParameter.tensor = newValue }
    }

    /// The bias, [outputs], if the layer has one.
    public var bias: Tensor? {
        get { biasParameter?.tensor }
        set {
            if let newValue { biasParameter?.tensor = newValue }
        }
    }

    /// Applies the layer.
    ///
    /// - Parameter input: [batch, inputs, height, width].
    /// - Returns: [batch, outputs, height / stride, width / stride], as far as padding allows.
    /// - Throws: `tensor` if the sizes do not fit.
    public func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        switch padding {
        case .zeros(let count): return try apply(input, zeros: count)
        case .same:
            guard input.rank == 4 else { return try apply(input, zeros: 0) }
            let (rows, columns) = (missing(input.shape[2]), missing(input.shape[3]))
            if rows == columns, rows % 2 == 0 { return try apply(input, zeros: rows / 2) }
            let padded = try input.padded2D(
                left: columns / 2, right: columns - columns / 2, top: rows / 2,
                bottom: rows - rows / 2)
            return try apply(padded, zeros: 0)
        }
    }

    private func apply(_ input: Tensor, zeros: Int) throws(LetheError) -> Tensor {
        // Zeros around the image are on every grid, so that padding may come first.
        let seen = try quantizer?.input(input) ?? input
        let weight = try quantizer?.weight(weight) ?? weight
        let output = try seen.convolved2D(
            weight: weight, bias: bias, stride: stride, padding: zeros, groups: groups)
        guard let lowRank else { return output }
        return try updated(output, by: lowRank, of: input)
    }

    /// How many pixels a side of this size lacks for an output of `size / stride`, rounded up.
    private func missing(_ size: Int) -> Int {
        let outputs = (size + stride - 1) / stride
        return max(0, (outputs - 1) * stride + (weight.shape.last ?? 1) - size)
    }
}
