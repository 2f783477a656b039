public import LetheRecords
public import LetheTensor

/// A two-dimensional convolution with a square kernel.
public final class ConvolutionLayer {
    /// The name in the checkpoint without `.weight`, such as `layer1.0.conv1`.
    public let name: String
    /// How many pixels the kernel moves on, down and to the right.
    public let stride: Int
    /// How many zeros are put around the image on each side.
    public let padding: Int
    /// Into how many parts the channels are cut, each with outputs of its own.
    public let groups: Int

    private let weightParameter: NamedTensor
    private let biasParameter: NamedTensor?

    init(
        name: String, weight: NamedTensor, bias: NamedTensor?, stride: Int, padding: Int,
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
        try input.convolved2D(
            weight: weight, bias: bias, stride: stride, padding: padding, groups: groups)
    }
}
