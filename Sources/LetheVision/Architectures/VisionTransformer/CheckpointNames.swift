import LetheRecords

/// The names of one block's parts.
struct BlockNames {
    let normBefore: String
    /// One name for the fused layer, or query, key and value.
    let projections: [String]
    let attentionOutput: String
    let scaleAfterAttention: String
    let normAfter: String
    let first: String
    let second: String
    let scaleAfterFeedForward: String
}

/// The tensor names of one configuration.
struct CheckpointNames {
    let configuration: VisionTransformerConfiguration

    private var isTimm: Bool { configuration.naming == .timm }
    private var prefix: String { configuration.family.rawValue + "." }
    private var embeddings: String { prefix + "embeddings." }

    var classToken: String { isTimm ? "cls_token" : embeddings + "cls_token" }
    var distillationToken: String {
        isTimm ? "dist_token" : embeddings + "distillation_token"
    }
    var positions: String { isTimm ? "pos_embed" : embeddings + "position_embeddings" }
    var patches: String {
        isTimm ? "patch_embed.proj" : embeddings + "patch_embeddings.projection"
    }
    var finalNorm: String {
        guard isTimm else { return prefix + "layernorm" }
        return configuration.pooling == .patchMean ? "fc_norm" : "norm"
    }
    var head: String {
        if isTimm { return "head" }
        return configuration.pooling == .classAndDistillationTokens
            ? "cls_classifier" : "classifier"
    }
    var distillationHead: String { isTimm ? "head_dist" : "distillation_classifier" }

    func block(_ index: Int) -> BlockNames {
        if isTimm { return timmBlock("blocks.\(index).") }
        let layer = prefix + "encoder.layer.\(index)."
        let isDINOv2 = configuration.family == .dinov2
        return BlockNames(
            normBefore: layer + (isDINOv2 ? "norm1" : "layernorm_before"),
            projections: ["query", "key", "value"].map { layer + "attention.attention." + $0 },
            attentionOutput: layer + "attention.output.dense",
            scaleAfterAttention: layer + "layer_scale1.lambda1",
            normAfter: layer + (isDINOv2 ? "norm2" : "layernorm_after"),
            first: layer + (isDINOv2 ? "mlp.fc1" : "intermediate.dense"),
            second: layer + (isDINOv2 ? "mlp.fc2" : "output.dense"),
            scaleAfterFeedForward: layer + "layer_scale2.lambda1")
    }

    private func timmBlock(_ block: String) -> BlockNames {
        BlockNames(
            normBefore: block + "norm1", projections: [block + "attn.qkv"],
            attentionOutput: block + "attn.proj", scaleAfterAttention: block + "ls1.gamma",
            normAfter: block + "norm2", first: block + "mlp.fc1", second: block + "mlp.fc2",
            scaleAfterFeedForward: block + "ls2.gamma")
    }

    private var normal: ParameterSpecification.Initialization {
        .normal(standardDeviation: configuration.initializerRange)
    }

    /// Every tensor of a checkpoint, in no particular order.
    func specifications() -> [ParameterSpecification] {
        let shape = configuration
        var list: [ParameterSpecification] = [
            .init(name: classToken, shape: [1, 1, shape.width], initialization: normal),
            .init(
                name: positions,
                shape: [1, shape.gridSize * shape.gridSize + shape.prefixTokenCount, shape.width],
                initialization: normal),
            .init(
                name: patches + ".weight",
                shape: [shape.width, shape.channels, shape.patchSize, shape.patchSize],
                initialization: normal),
            .init(name: patches + ".bias", shape: [shape.width], initialization: .zeros),
        ]
        if shape.hasDistillationToken {
            list.append(
                .init(name: distillationToken, shape: [1, 1, shape.width], initialization: .zeros))
        }
        for index in 0..<shape.depth { list += blockSpecifications(block(index)) }
        list += norm(finalNorm)
        let isDistilled = shape.pooling == .classAndDistillationTokens
        let headInput = isDistilled ? shape.width : shape.featureWidth
        list += linear(head, from: headInput, to: shape.classCount)
        if isDistilled {
            list += linear(distillationHead, from: headInput, to: shape.classCount)
        }
        return list + passengers()
    }

    private func blockSpecifications(_ names: BlockNames) -> [ParameterSpecification] {
        let width = configuration.width
        let hidden = configuration.feedForwardWidth
        let parts = names.projections.count
        var list = norm(names.normBefore) + norm(names.normAfter)
        for name in names.projections {
            list += linear(
                name, from: width, to: 3 / parts * width,
                hasBias: configuration.hasQueryKeyValueBias)
        }
        list += linear(names.attentionOutput, from: width, to: width)
        list += linear(names.first, from: width, to: hidden)
        list += linear(names.second, from: hidden, to: width)
        if let value = configuration.layerScale {
            list += [names.scaleAfterAttention, names.scaleAfterFeedForward].map {
                .init(name: $0, shape: [width], initialization: .constant(value))
            }
        }
        return list
    }

    private func norm(_ name: String) -> [ParameterSpecification] {
        let shape = [configuration.width]
        return [
            .init(name: name + ".weight", shape: shape, initialization: .ones),
            .init(name: name + ".bias", shape: shape, initialization: .zeros),
        ]
    }

    private func linear(
        _ name: String, from inputs: Int, to outputs: Int, hasBias: Bool = true
    ) -> [ParameterSpecification] {
        let weight = ParameterSpecification(
            name: name + ".weight", shape: [outputs, inputs], initialization: normal)
        let bias = ParameterSpecification(
            name: name + ".bias", shape: [outputs], initialization: .zeros)
        return hasBias ? [weight, bias] : [weight]
    }

    /// The mask token of masked pre-training and the pooler of older checkpoints.
    private func passengers() -> [ParameterSpecification] {
        guard !isTimm else { return [] }
        let width = configuration.width
        let tokenShape = configuration.family == .dinov2 ? [1, width] : [1, 1, width]
        return [
            .init(
                name: embeddings + "mask_token", shape: tokenShape, initialization: .zeros,
                role: .passenger),
            .init(
                name: prefix + "pooler.dense.weight", shape: [width, width],
                initialization: normal, role: .passenger),
            .init(
                name: prefix + "pooler.dense.bias", shape: [width], initialization: .zeros,
                role: .passenger),
        ]
    }
}
