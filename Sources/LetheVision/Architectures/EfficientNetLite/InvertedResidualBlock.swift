import LetheRecords
import LetheTensor

/// A block that widens, convolves each channel alone, and narrows (arXiv:1801.04381, section 3.3).
struct InvertedResidualBlock {
    private let widening: NormalizedConvolution?
    private let depthwise: NormalizedConvolution
    private let narrowing: NormalizedConvolution
    private let isResidual: Bool

    init(_ plan: EfficientNetLitePlan.Block, parts: LayerFactory) throws(LetheError) {
        widening = if let plan = plan.widening { try parts.lite(plan) } else { nil }
        depthwise = try parts.lite(plan.depthwise)
        narrowing = try parts.lite(plan.narrowing)
        isResidual = plan.isResidual
    }

    /// Every convolution with its normalisation, from the input on.
    var layers: [NormalizedConvolution] {
        (widening.map { [$0] } ?? []) + [depthwise, narrowing]
    }

    /// The convolutions that widen and narrow: matrices that work on each pixel alone.
    var adapters: AdapterBlock {
        AdapterBlock(
            feedForward: layers.map(\.convolution).filter(\.isPointwise), attention: [])
    }

    /// - Parameter input: [batch, channels, height, width].
    func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        var output = input
        if let widening { output = try widening(output).relu6() }
        output = try narrowing(depthwise(output).relu6())
        return isResidual ? try output + input : output
    }
}

extension LayerFactory {
    /// A convolution of an EfficientNet-Lite: padded as TensorFlow does, and with its momentum
    /// (0.99 there is 0.01 here) and epsilon.
    func lite(_ plan: ConvolutionPlan) throws(LetheError) -> NormalizedConvolution {
        try convolution(plan, padding: .same, momentum: 0.01, epsilon: 1e-3)
    }
}

extension Tensor {
    /// Every number, cut off at 0 and at 6.
    func relu6() throws(LetheError) -> Tensor { try clamped(minimum: 0, maximum: 6) }
}
