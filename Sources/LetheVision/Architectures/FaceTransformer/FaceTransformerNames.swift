import LetheRecords

/// The tensor names of `vit_pytorch_face`, as in GS-LoRA's face model.
struct FaceTransformerNames {
    let configuration: FaceTransformerConfiguration

    let classToken = "cls_token"
    let positions = "pos_embedding"
    let patches = "patch_to_embedding"
    let finalNorm = "mlp_head.0"
    let head = "loss.weight"

    func block(_ index: Int) -> BlockNames {
        let attention = "transformer.layers.\(index).0.fn."
        let feedForward = "transformer.layers.\(index).1.fn."
        return BlockNames(
            normBefore: attention + "norm", projections: [attention + "fn.to_qkv"],
            attentionOutput: attention + "fn.to_out.0", scaleAfterAttention: "",
            normAfter: feedForward + "norm", first: feedForward + "fn.net.0",
            second: feedForward + "fn.net.3", scaleAfterFeedForward: "")
    }

    /// Every tensor of a checkpoint, in no particular order.
    ///
    /// Created weights begin as the reference's: tokens and positions normal with deviation 1,
    /// linear layers as torch's, the head evenly spread by the sum of inputs and outputs (Glorot
    /// and Bengio 2010).
    var specifications: [ParameterSpecification] {
        let width = configuration.width
        let tokenCount = configuration.gridSize * configuration.gridSize + 1
        let patchWidth = configuration.channels * configuration.patchSize * configuration.patchSize
        let normal = ParameterSpecification.Initialization.normal(standardDeviation: 1)
        let bound = (6 / Double(width + configuration.classCount)).squareRoot()
        let ends: [ParameterSpecification] = [
            .init(name: classToken, shape: [1, 1, width], initialization: normal),
            .init(name: positions, shape: [1, tokenCount, width], initialization: normal),
            .init(
                name: head, shape: [configuration.classCount, width],
                initialization: .uniform(bound: bound)),
        ]
        let blocks = (0..<configuration.depth).flatMap { specifications(of: block($0)) }
        return ends + norm(finalNorm) + blocks
            + ParameterSpecification.uniformLinear(patches, inputs: patchWidth, outputs: width)
    }

    private func specifications(of names: BlockNames) -> [ParameterSpecification] {
        let width = configuration.width
        let hidden = configuration.feedForwardWidth
        let fused = names.projections.flatMap {
            // Query, key and value have no biases.
            ParameterSpecification.uniformLinear($0, inputs: width, outputs: 3 * width).prefix(1)
        }
        return norm(names.normBefore) + fused
            + ParameterSpecification.uniformLinear(
                names.attentionOutput, inputs: width, outputs: width)
            + norm(names.normAfter)
            + ParameterSpecification.uniformLinear(names.first, inputs: width, outputs: hidden)
            + ParameterSpecification.uniformLinear(names.second, inputs: hidden, outputs: width)
    }

    private func norm(_ name: String) -> [ParameterSpecification] {
        let shape = [configuration.width]
        return [
            .init(name: name + ".weight", shape: shape, initialization: .ones),
            .init(name: name + ".bias", shape: shape, initialization: .zeros),
        ]
    }
}
