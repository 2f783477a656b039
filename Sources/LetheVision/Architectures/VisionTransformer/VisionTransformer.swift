public import LetheRecords
public import LetheTensor

/// A vision transformer with a classification head: ViT, DeiT and DINOv2, under the tensor names
/// of transformers or timm.
///
/// Computes in float32. Dropout and stochastic depth of the reference are never applied.
/// Not `Sendable`: it belongs to the thread or actor that loaded it.
public final class VisionTransformer: BlockwiseClassifier {
    /// The shape of the model.
    public let configuration: VisionTransformerConfiguration
    /// The encoder's blocks, from the input on.
    public let blocks: [EncoderBlock]
    /// The classification head; for a distilled DeiT the one on the class token.
    public let head: LinearLayer
    /// The head on the distillation token, where there is one.
    public let distillationHead: LinearLayer?
    /// Every tensor of the checkpoint, in its order; shared with the layers.
    public let parameters: [NamedTensor]
    /// The device that the parameters are on.
    public let device: Device

    /// The header of the file that the model came from.
    public let header: SafetensorsHeader?
    /// A vision transformer computes the same either way.
    public var isTraining = false

    private let embedding: PatchEmbedding
    private let finalNorm: NormalizationLayer

    init(
        _ configuration: VisionTransformerConfiguration, parameters: [NamedTensor],
        header: SafetensorsHeader?, device: Device
    ) throws(LetheError) {
        let names = CheckpointNames(configuration: configuration)
        let parts = LayerFactory(parameters)
        self.configuration = configuration
        self.parameters = parameters
        self.header = header
        self.device = device
        embedding = try PatchEmbedding(names: names, parts: parts)
        let settings = EncoderSettings(
            headCount: configuration.headCount, activation: configuration.activation,
            epsilon: configuration.epsilon, isScaled: configuration.layerScale != nil)
        var blocks: [EncoderBlock] = []
        for index in 0..<configuration.depth {
            blocks.append(
                try EncoderBlock(
                    index: index, names: names.block(index), parts: parts,
                    settings: settings))
        }
        self.blocks = blocks
        finalNorm = try parts.norm(names.finalNorm, epsilon: configuration.epsilon)
        head = try parts.linear(names.head)
        distillationHead =
            configuration.pooling == .classAndDistillationTokens
            ? try parts.linear(names.distillationHead) : nil
    }

    /// How many classes the head tells apart.
    public var classCount: Int { configuration.classCount }
    /// The length of what `features` returns for an image.
    public var featureWidth: Int { configuration.featureWidth }
    /// The reference class, as `architectures` of config.json names it, or timm's family.
    public var architectureName: String { configuration.architectureName }

    /// The linear layers of each block that may take a low-rank update.
    public var adapterBlocks: [AdapterBlock] {
        blocks.map { block in
            AdapterBlock(
                feedForward: [block.feedForward.first, block.feedForward.second],
                attention: block.attention.projections + [block.attention.output])
        }
    }

    /// The patches' convolution, all linear layers of the blocks, and the heads.
    public var quantizableLayers: QuantizableLayers {
        QuantizableLayers(
            first: [embedding.convolution],
            inner: adapterBlocks.flatMap { $0.attention + $0.feedForward },
            last: [head] + (distillationHead.map { [$0] } ?? []))
    }

    /// What the head sees.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed.
    /// - Returns: [batch, `configuration.featureWidth`].
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    public func features(_ images: Tensor) throws(LetheError) -> Tensor {
        try features(tokens: tokens(images, before: 0), from: 0)
    }

    /// What a block sees, [batch, tokens, `configuration.width`].
    public func tokens(_ images: Tensor, before block: Int) throws(LetheError) -> Tensor {
        var tokens = try embedding(images)
        for block in blocks[..<block] { tokens = try block(tokens) }
        return tokens
    }

    /// What the head sees, from what a block sees.
    public func features(tokens: Tensor, from block: Int) throws(LetheError) -> Tensor {
        var tokens = tokens
        for block in blocks[block...] { tokens = try block(tokens) }
        // Averaging before the norm is timm's global_pool "avg"; all others normalise all tokens.
        if configuration.pooling == .patchMean { return try finalNorm(patchMean(of: tokens)) }
        tokens = try finalNorm(tokens)
        let classToken = try tokens.selected(dimension: 1, index: 0)
        switch configuration.pooling {
        case .classToken, .patchMean: return classToken
        case .classTokenAndPatchMean:
            return try Tensor.concatenated([classToken, patchMean(of: tokens)], dimension: 1)
        case .classAndDistillationTokens:
            let distillationToken = try tokens.selected(dimension: 1, index: 1)
            return try Tensor.concatenated([classToken, distillationToken], dimension: 1)
        }
    }

    /// The scores of every class from what the head sees.
    ///
    /// - Parameter features: [batch, `configuration.featureWidth`].
    /// - Returns: [batch, classes].
    /// - Throws: `tensor` if the width is wrong.
    public func classify(features: Tensor) throws(LetheError) -> Tensor {
        guard let distillationHead else { return try head(features) }
        let width = configuration.width
        let ofClass = try head(features.narrowed(dimension: 1, start: 0, length: width))
        let ofDistillation = try distillationHead(
            features.narrowed(dimension: 1, start: width, length: width))
        return try (ofClass + ofDistillation) / 2.0
    }

    private func patchMean(of tokens: Tensor) throws(LetheError) -> Tensor {
        let prefix = configuration.prefixTokenCount
        return try tokens.narrowed(
            dimension: 1, start: prefix, length: tokens.shape[1] - prefix
        ).mean(over: [1])
    }
}
