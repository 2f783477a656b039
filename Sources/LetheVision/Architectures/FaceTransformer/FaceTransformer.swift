public import LetheRecords
public import LetheTensor

/// The vision transformer for faces of GS-LoRA (arXiv:2403.11530, released code), under the tensor
/// names of `vit_pytorch_face`.
///
/// It differs from the usual one in its patches, whose pixels are told apart before their channels,
/// in attention, scaled by the width of a token instead of a head, and in its head of cosines.
/// Computes in float32. Dropout of the reference is never applied. Not `Sendable`: it belongs to
/// the thread or actor that loaded it.
public final class FaceTransformer: BlockwiseClassifier {
    /// The shape of the model.
    public let configuration: FaceTransformerConfiguration
    /// The encoder's blocks, from the input on.
    public let blocks: [EncoderBlock]
    /// The classification head.
    public let head: CosineHead
    /// Every tensor of the checkpoint, in its order; shared with the layers.
    public let parameters: [NamedTensor]
    /// The header of the file that the model came from.
    public let header: SafetensorsHeader?
    /// The device that the parameters are on.
    public let device: Device
    /// A face transformer computes the same either way.
    public var isTraining = false

    private let patches: LinearLayer
    private let classToken: NamedTensor
    private let positions: NamedTensor
    private let finalNorm: NormalizationLayer

    init(
        _ configuration: FaceTransformerConfiguration, parameters: [NamedTensor],
        header: SafetensorsHeader?, device: Device
    ) throws(LetheError) {
        let names = FaceTransformerNames(configuration: configuration)
        let parts = LayerFactory(parameters)
        self.configuration = configuration
        self.parameters = parameters
        self.header = header
        self.device = device
        patches = try parts.linear(names.patches)
        classToken = try parts.parameter(names.classToken)
        positions = try parts.parameter(names.positions)
        let settings = EncoderSettings(
            headCount: configuration.headCount,
            attentionScale: 1 / Double(configuration.width).squareRoot(), activation: .gelu,
            epsilon: 1e-5, isScaled: false)
        var blocks: [EncoderBlock] = []
        for index in 0..<configuration.depth {
            blocks.append(
                try EncoderBlock(
                    index: index, names: names.block(index), parts: parts, settings: settings))
        }
        self.blocks = blocks
        finalNorm = try parts.norm(names.finalNorm, epsilon: settings.epsilon)
        head = CosineHead(
            try parts.parameter(names.head), scale: configuration.cosineScale,
            margin: configuration.margin)
    }

    /// How many people the head tells apart.
    public var classCount: Int { configuration.classCount }
    /// The length of what `features` returns for an image.
    public var featureWidth: Int { configuration.width }
    /// What `architectures` of config.json names.
    public var architectureName: String { FaceTransformerConfiguration.architectureName }

    /// The linear layers of each block that may take a low-rank update.
    public var adapterBlocks: [AdapterBlock] {
        blocks.map { block in
            AdapterBlock(
                feedForward: [block.feedForward.first, block.feedForward.second],
                attention: block.attention.projections + [block.attention.output])
        }
    }

    /// The patches' layer and all linear layers of the blocks; the head of cosines stays.
    public var quantizableLayers: QuantizableLayers {
        QuantizableLayers(
            first: [patches], inner: adapterBlocks.flatMap { $0.attention + $0.feedForward },
            last: [])
    }

    /// What the head sees: the class token after the last normalisation.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed.
    /// - Returns: [batch, `configuration.width`].
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    public func features(_ images: Tensor) throws(LetheError) -> Tensor {
        try features(tokens: tokens(images, before: 0), from: 0)
    }

    /// What a block sees, [batch, tokens, `configuration.width`].
    public func tokens(_ images: Tensor, before block: Int) throws(LetheError) -> Tensor {
        try ImageShape(channels: configuration.channels, side: configuration.imageSize)
            .check(images)
        let batch = images.shape[0]
        let start = try classToken.tensor.expanded([batch, 1, configuration.width])
        var tokens = try Tensor.concatenated([start, patches(cut(images))], dimension: 1)
        tokens = try tokens + positions.tensor
        for block in blocks[..<block] { tokens = try block(tokens) }
        return tokens
    }

    /// What the head sees, from what a block sees.
    public func features(tokens: Tensor, from block: Int) throws(LetheError) -> Tensor {
        var tokens = tokens
        for block in blocks[block...] { tokens = try block(tokens) }
        return try finalNorm(tokens.selected(dimension: 1, index: 0))
    }

    /// The scores of every class from what the head sees, without the margin.
    ///
    /// - Parameter features: [batch, `configuration.width`].
    /// - Returns: [batch, classes].
    /// - Throws: `tensor` if the width is wrong.
    public func classify(features: Tensor) throws(LetheError) -> Tensor {
        try head(features)
    }

    /// Patches as rows of pixels: row by row, the channels of a pixel side by side.
    ///
    /// - Returns: [batch, patches, patch size² · channels].
    private func cut(_ images: Tensor) throws(LetheError) -> Tensor {
        let (side, grid) = (configuration.patchSize, configuration.gridSize)
        return
            try images
            .reshaped([images.shape[0], configuration.channels, grid, side, grid, side])
            .permuted([0, 2, 4, 3, 5, 1])
            .reshaped([images.shape[0], grid * grid, side * side * configuration.channels])
    }
}
