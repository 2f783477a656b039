import LetheRecords
import LetheTensor

/// One residual block: a few convolutions, and a way around them whose result is added.
struct ResidualBlock {
    private enum Shortcut {
        case identity
        /// Every `stride`-th pixel, and `channels` zero channels on both sides.
        case padded(stride: Int, channels: Int)
        case projected(NormalizedConvolution)
    }

    let path: [NormalizedConvolution]
    private let shortcut: Shortcut
    private let isRectified: Bool

    init(
        _ plan: ResNetPlan.Block, parts: LayerFactory, rectifier: ResNetConfiguration.Rectifier
    ) throws(LetheError) {
        var path: [NormalizedConvolution] = []
        for convolution in plan.path { path.append(try parts.convolution(convolution)) }
        self.path = path
        isRectified = rectifier == .afterAddition
        if let projection = plan.projection {
            shortcut = .projected(try parts.convolution(projection))
        } else if plan.inputs != plan.outputs || plan.stride != 1 {
            shortcut = .padded(
                stride: plan.stride, channels: (plan.outputs - plan.inputs) / 2)
        } else {
            shortcut = .identity
        }
    }

    /// Every convolution with its normalisation, the one of the shortcut last.
    var layers: [NormalizedConvolution] {
        if case .projected(let layer) = shortcut { path + [layer] } else { path }
    }

    /// - Parameter input: [batch, channels, height, width].
    func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        var output = input
        for (index, layer) in path.enumerated() {
            output = try index == 0 ? layer(output) : layer(output.relu())
        }
        let sum = try output + around(input)
        return isRectified ? try sum.relu() : sum
    }

    private func around(_ input: Tensor) throws(LetheError) -> Tensor {
        switch shortcut {
        case .identity: return input
        case .projected(let layer): return try layer(input)
        case .padded(let stride, let channels):
            // The average of a single pixel is that pixel.
            let kept = try input.averagePooled2D(kernel: 1, stride: stride)
            guard channels > 0 else { return kept }
            let shape = [kept.shape[0], channels, kept.shape[2], kept.shape[3]]
            let zeros = try Tensor(zeros: shape, device: input.device)
            return try Tensor.concatenated([zeros, kept, zeros], dimension: 1)
        }
    }
}
