import LetheRecords

/// The layers of a residual network under the names of one configuration, before they have weights.
struct ResNetPlan {
    struct Block {
        let path: [ConvolutionPlan]
        let inputs: Int
        let outputs: Int
        let stride: Int
        /// The convolution around the block, where there is one.
        let projection: ConvolutionPlan?
    }

    let configuration: ResNetConfiguration
    let stem: ConvolutionPlan
    let stages: [[Block]]
    let head: String

    init(_ configuration: ResNetConfiguration) {
        self.configuration = configuration
        let isHuggingFace = configuration.naming == .huggingFace
        let embedder = "resnet.embedder.embedder."
        let isLarge = configuration.stem == .imagenet
        stem = ConvolutionPlan(
            name: isHuggingFace ? embedder + "convolution" : "conv1",
            normalizationName: isHuggingFace ? embedder + "normalization" : "bn1",
            inputs: configuration.channels, outputs: configuration.stemChannels,
            kernel: isLarge ? 7 : 3, stride: isLarge ? 2 : 1)
        head =
            switch configuration.naming {
            case .cifar: "linear"
            case .torchvision: "fc"
            case .huggingFace: "classifier.1"
            }
        var width = configuration.stemChannels
        var stages: [[Block]] = []
        for (stage, outputs) in configuration.stageChannels.enumerated() {
            var blocks: [Block] = []
            for index in 0..<configuration.blocksPerStage[stage] {
                let stride = index == 0 ? configuration.stageStrides[stage] : 1
                let names = ResNetBlockNames(configuration.naming, stage: stage, index: index)
                blocks.append(
                    Block(
                        names, configuration, inputs: width, outputs: outputs, stride: stride))
                width = outputs
            }
            stages.append(blocks)
        }
        self.stages = stages
    }

    /// Every tensor of a checkpoint, in no particular order.
    var specifications: [ParameterSpecification] {
        let blocks = stages.flatMap { $0 }
        let convolutions = [stem] + blocks.flatMap { $0.path + ($0.projection.map { [$0] } ?? []) }
        return convolutions.flatMap(\.specifications)
            + ParameterSpecification.uniformLinear(
                head, inputs: configuration.featureWidth, outputs: configuration.classCount)
    }
}

extension ResNetPlan.Block {
    fileprivate init(
        _ names: ResNetBlockNames, _ configuration: ResNetConfiguration, inputs: Int,
        outputs: Int, stride: Int
    ) {
        self.inputs = inputs
        self.outputs = outputs
        self.stride = stride
        let inner = configuration.block == .basic ? outputs : outputs / 4
        let kernels = configuration.block == .basic ? [3, 3] : [1, 3, 1]
        let shrinkingIndex = configuration.block == .basic || configuration.shrinksFirst ? 0 : 1
        path = kernels.enumerated().map { index, kernel in
            ConvolutionPlan(
                name: names.convolution(index), normalizationName: names.normalization(index),
                inputs: index == 0 ? inputs : inner,
                outputs: index == kernels.count - 1 ? outputs : inner, kernel: kernel,
                stride: index == shrinkingIndex ? stride : 1)
        }
        let changes = inputs != outputs || stride != 1
        projection =
            changes && configuration.shortcut == .projected
            ? ConvolutionPlan(
                name: names.projection, normalizationName: names.projectionNormalization,
                inputs: inputs, outputs: outputs, kernel: 1, stride: stride) : nil
    }
}

/// The names of one block's parts.
private struct ResNetBlockNames {
    private let naming: ResNetConfiguration.Naming
    private let block: String

    init(_ naming: ResNetConfiguration.Naming, stage: Int, index: Int) {
        self.naming = naming
        block =
            naming == .huggingFace
            ? "resnet.encoder.stages.\(stage).layers.\(index)." : "layer\(stage + 1).\(index)."
    }

    func convolution(_ index: Int) -> String {
        block + (naming == .huggingFace ? "layer.\(index).convolution" : "conv\(index + 1)")
    }

    func normalization(_ index: Int) -> String {
        block + (naming == .huggingFace ? "layer.\(index).normalization" : "bn\(index + 1)")
    }

    var projection: String {
        switch naming {
        case .cifar: block + "shortcut.0"
        case .torchvision: block + "downsample.0"
        case .huggingFace: block + "shortcut.convolution"
        }
    }

    var projectionNormalization: String {
        switch naming {
        case .cifar: block + "shortcut.1"
        case .torchvision: block + "downsample.1"
        case .huggingFace: block + "shortcut.normalization"
        }
    }
}
