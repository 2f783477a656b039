import LetheRecords

/// The layers of an EfficientNet-Lite under the names of the package `efficientnet-lite-pytorch`,
/// before they have weights.
struct EfficientNetLitePlan {
    struct Block {
        /// To the wider inner channels; nil where the expansion is 1.
        let widening: ConvolutionPlan?
        let depthwise: ConvolutionPlan
        let narrowing: ConvolutionPlan
        /// Whether the input is added to the output.
        let isResidual: Bool
    }

    let configuration: EfficientNetLiteConfiguration
    let stem: ConvolutionPlan
    let blocks: [Block]
    let last: ConvolutionPlan
    let head = "_fc"

    init(_ configuration: EfficientNetLiteConfiguration) {
        self.configuration = configuration
        stem = ConvolutionPlan(
            name: "_conv_stem", normalizationName: "_bn0", inputs: configuration.channels,
            outputs: configuration.stemChannels, kernel: 3, stride: 2)
        var width = configuration.stemChannels
        var blocks: [Block] = []
        for stage in configuration.stages {
            for index in 0..<stage.blocks {
                blocks.append(
                    Block(
                        stage, prefix: "_blocks.\(blocks.count).", inputs: width,
                        stride: index == 0 ? stage.stride : 1))
                width = stage.channels
            }
        }
        self.blocks = blocks
        last = ConvolutionPlan(
            name: "_conv_head", normalizationName: "_bn1", inputs: width,
            outputs: configuration.headChannels, kernel: 1, stride: 1)
    }

    /// Every tensor of a checkpoint, in no particular order.
    var specifications: [ParameterSpecification] {
        let inner = blocks.flatMap { block in
            (block.widening.map { [$0] } ?? []) + [block.depthwise, block.narrowing]
        }
        return ([stem] + inner + [last]).flatMap(\.specifications)
            + ParameterSpecification.uniformLinear(
                head, inputs: configuration.headChannels, outputs: configuration.classCount)
    }
}

extension EfficientNetLitePlan.Block {
    fileprivate init(
        _ stage: EfficientNetLiteConfiguration.Stage, prefix: String, inputs: Int, stride: Int
    ) {
        let inner = inputs * stage.expansion
        widening =
            stage.expansion == 1
            ? nil
            : ConvolutionPlan(
                name: prefix + "_expand_conv", normalizationName: prefix + "_bn0", inputs: inputs,
                outputs: inner, kernel: 1, stride: 1)
        depthwise = ConvolutionPlan(
            name: prefix + "_depthwise_conv", normalizationName: prefix + "_bn1", inputs: inner,
            outputs: inner, kernel: stage.kernel, stride: stride, groups: inner)
        narrowing = ConvolutionPlan(
            name: prefix + "_project_conv", normalizationName: prefix + "_bn2", inputs: inner,
            outputs: stage.channels, kernel: 1, stride: 1)
        isResidual = stride == 1 && inputs == stage.channels
    }
}
