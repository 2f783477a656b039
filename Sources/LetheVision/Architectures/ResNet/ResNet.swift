public import LetheRecords
public import LetheTensor

/// A residual network with a classification head (arXiv:1512.03385), under the tensor names of
/// torchvision, of transformers or of the usual small networks for CIFAR.
///
/// Computes in float32. Not `Sendable`: it belongs to the thread or actor that loaded it.
public final class ResNet: ImageClassifier {
    /// The shape of the model.
    public let configuration: ResNetConfiguration
    /// Every convolution, from the input on; in a block that of the shortcut last.
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
    private let stages: [[ResidualBlock]]
    private let normalizations: [BatchNormalizationLayer]

    init(
        _ plan: ResNetPlan, parameters: [NamedTensor], header: SafetensorsHeader?, device: Device
    ) throws(LetheError) {
        let parts = LayerFactory(parameters)
        configuration = plan.configuration
        self.parameters = parameters
        self.header = header
        self.device = device
        stem = try parts.convolution(plan.stem)
        var stages: [[ResidualBlock]] = []
        for blocks in plan.stages {
            var stage: [ResidualBlock] = []
            for block in blocks {
                stage.append(
                    try ResidualBlock(
                        block, parts: parts, rectifier: plan.configuration.rectifier))
            }
            stages.append(stage)
        }
        self.stages = stages
        let layers = [stem] + stages.flatMap { $0 }.flatMap(\.layers)
        convolutions = layers.map(\.convolution)
        normalizations = layers.map(\.normalization)
        head = try parts.linear(plan.head)
    }

    /// How many classes the head tells apart.
    public var classCount: Int { configuration.classCount }
    /// The length of what `features` returns for an image.
    public var featureWidth: Int { configuration.featureWidth }
    /// The reference class, as `architectures` of config.json names it.
    public var architectureName: String { configuration.architectureName }
    /// None: its layers are convolutions.
    public var adapterBlocks: [AdapterBlock] { [] }
    /// The convolutions and the head.
    public var quantizableLayers: QuantizableLayers {
        QuantizableLayers(
            first: Array(convolutions.prefix(1)), inner: Array(convolutions.dropFirst()),
            last: [head])
    }

    /// What the head sees.
    ///
    /// - Parameter images: [batch, channels, height, width], preprocessed.
    /// - Returns: [batch, `configuration.featureWidth`].
    /// - Throws: `invalidArgument` for images of a wrong shape or size, and for training on a
    ///   single number a channel.
    public func features(_ images: Tensor) throws(LetheError) -> Tensor {
        try ImageShape(channels: configuration.channels, side: configuration.imageSize)
            .check(images)
        var maps = try stem(images).relu()
        if configuration.stem == .imagenet {
            maps = try maps.maximumPooled2D(kernel: 3, stride: 2, padding: 1)
        }
        for stage in stages {
            for block in stage { maps = try block(maps) }
            if configuration.rectifier == .afterStage { maps = try maps.relu() }
        }
        guard let size = configuration.poolSize else { return try maps.mean(over: [2, 3]) }
        return try maps.averagePooled2D(kernel: size, stride: size).flattened(from: 1)
    }

    /// The scores of every class from what the head sees.
    ///
    /// - Parameter features: [batch, `configuration.featureWidth`].
    /// - Returns: [batch, classes].
    /// - Throws: `tensor` if the width is wrong.
    public func classify(features: Tensor) throws(LetheError) -> Tensor {
        try head(features)
    }
}
