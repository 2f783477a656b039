public import LetheRecords
public import LetheTensor

/// Layer normalisation with weight and bias (arXiv:1607.06450).
struct NormalizationLayer {
    let weight: NamedTensor
    let bias: NamedTensor
    let epsilon: Double

    func callAsFunction(_ input: Tensor) throws(LetheError) -> Tensor {
        try input.layerNormalized(
            shape: weight.tensor.shape, weight: weight.tensor, bias: bias.tensor, epsilon: epsilon)
    }
}

/// Multi-head self-attention (arXiv:1706.03762, section 3.2).
public final class AttentionLayer {
    /// Query, key and value, or one layer that holds all three (timm's `qkv`).
    public let projections: [LinearLayer]
    /// The layer after the heads.
    public let output: LinearLayer

    private let headCount: Int
    private let scale: Double?

    /// - Parameter scale: what the products are multiplied by; nil is `1 / √(width of a head)`.
    init(projections: [LinearLayer], output: LinearLayer, headCount: Int, scale: Double?) {
        self.projections = projections
        self.output = output
        self.headCount = headCount
        self.scale = scale
    }

    /// - Parameter tokens: [batch, tokens, width].
    func callAsFunction(_ tokens: Tensor) throws(LetheError) -> Tensor {
        let shape = tokens.shape
        var heads: [Tensor] = []
        for layer in projections {
            let width = layer.weight.shape[0]
            let split = try layer(tokens).reshaped(
                [shape[0], shape[1], width / shape[2], headCount, shape[2] / headCount])
            for part in 0..<width / shape[2] {
                heads.append(try split.selected(dimension: 2, index: part).transposed(1, 2))
            }
        }
        let mixed = try Tensor.scaledDotProductAttention(
            query: heads[0], key: heads[1], value: heads[2], scale: scale)
        return try output(mixed.transposed(1, 2).reshaped(shape))
    }
}

/// The two linear layers of a block with the activation between them.
public final class FeedForward {
    /// From the token's width to the inner width.
    public let first: LinearLayer
    /// Back to the token's width.
    public let second: LinearLayer

    private let activation: VisionTransformerConfiguration.Activation

    init(
        first: LinearLayer, second: LinearLayer,
        activation: VisionTransformerConfiguration.Activation
    ) {
        self.first = first
        self.second = second
        self.activation = activation
    }

    func callAsFunction(_ tokens: Tensor) throws(LetheError) -> Tensor {
        let inner = try first(tokens)
        switch activation {
        case .gelu: return try second(inner.gelu())
        case .geluTanh: return try second(inner.gelu(approximate: .tanh))
        case .quickGelu: return try second(inner * (inner * 1.702).sigmoid())
        }
    }
}

/// What the blocks of one encoder have in common.
struct EncoderSettings {
    let headCount: Int
    /// What the products of attention are multiplied by; nil is `1 / √(width of a head)`.
    var attentionScale: Double?
    let activation: VisionTransformerConfiguration.Activation
    /// Added to the variance in every layer normalisation.
    let epsilon: Double
    /// Whether there is LayerScale.
    let isScaled: Bool
}

/// One block of the encoder: attention, then feed-forward, each normalised before, optionally
/// scaled after (LayerScale, arXiv:2103.17239), and added to what came in.
public final class EncoderBlock {
    /// The position in the encoder, from 0.
    public let index: Int
    /// The attention.
    public let attention: AttentionLayer
    /// The feed-forward network.
    public let feedForward: FeedForward

    private let normBefore: NormalizationLayer
    private let normAfter: NormalizationLayer
    private let scaleAfterAttention: NamedTensor?
    private let scaleAfterFeedForward: NamedTensor?

    init(
        index: Int, names: BlockNames, parts: LayerFactory, settings: EncoderSettings
    ) throws(LetheError) {
        self.index = index
        var projections: [LinearLayer] = []
        for name in names.projections { projections.append(try parts.linear(name)) }
        attention = AttentionLayer(
            projections: projections, output: try parts.linear(names.attentionOutput),
            headCount: settings.headCount, scale: settings.attentionScale)
        feedForward = FeedForward(
            first: try parts.linear(names.first), second: try parts.linear(names.second),
            activation: settings.activation)
        normBefore = try parts.norm(names.normBefore, epsilon: settings.epsilon)
        normAfter = try parts.norm(names.normAfter, epsilon: settings.epsilon)
        scaleAfterAttention =
            settings.isScaled ? try parts.parameter(names.scaleAfterAttention) : nil
        scaleAfterFeedForward =
            settings.isScaled ? try parts.parameter(names.scaleAfterFeedForward) : nil
    }

    /// Applies the block.
    ///
    /// - Parameter tokens: [batch, tokens, width].
    /// - Returns: the same shape.
    /// - Throws: `tensor` if the sizes do not fit.
    public func callAsFunction(_ tokens: Tensor) throws(LetheError) -> Tensor {
        var update = try attention(normBefore(tokens))
        if let scaleAfterAttention { update = try update * scaleAfterAttention.tensor }
        let middle = try tokens + update
        update = try feedForward(normAfter(middle))
        if let scaleAfterFeedForward { update = try update * scaleAfterFeedForward.tensor }
        return try middle + update
    }
}
