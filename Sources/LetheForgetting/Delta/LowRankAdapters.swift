import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// The low-rank updates of one task: B A / rank beside the layers of every block that take one.
final class LowRankAdapters {
    /// The update of one layer.
    struct Adapter {
        let layer: any AdaptableLayer
        /// A, [rank, inputs].
        let down: Tensor
        /// B, [outputs, rank].
        let up: Tensor
    }

    /// The rank r of every update.
    let rank: Int
    /// The adapted layers of each block, in the order of the blocks: feed-forward, then attention.
    let blocks: [[Adapter]]
    /// The factor before B A.
    var scale: Double { 1 / Double(rank) }

    /// Attaches fresh updates that change nothing yet: A Kaiming-uniform, B zero.
    ///
    /// The bound is sqrt(6 / ((1 + slope²) · inputs)): 1 / sqrt(inputs) for a squared slope of 5.
    ///
    /// - Throws: `unsupported` if the model has no layer at that place.
    init(
        _ model: any ImageClassifier, rank: Int, slopeSquared: Double,
        place: AdapterPlace = .feedForward, seed: RunSeed
    ) throws(LetheError) {
        guard !model.adapterBlocks.isEmpty else {
            throw LetheError(
                code: .unsupported,
                message: "\(model.architectureName) has no blocks of layers that take a low-rank "
                    + "update.",
                remedy: "Use a method that trains the weights themselves, a transformer or an "
                    + "EfficientNet-Lite.")
        }
        self.rank = rank
        var blocks: [[Adapter]] = []
        for (index, block) in model.adapterBlocks.enumerated() {
            var adapters: [Adapter] = []
            for (layer, value) in Self.layers(of: block, index, place, seed) {
                let bound = sqrt(6 / ((1 + slopeSquared) * Double(layer.inputCount)))
                adapters.append(
                    try Self.adapter(
                        layer, rank: rank, bound: bound, Generator(seed: value), model.device))
            }
            if !adapters.isEmpty { blocks.append(adapters) }
        }
        guard !blocks.isEmpty else {
            throw LetheError(
                code: .unsupported,
                message: "A \(model.architectureName) has no layers for low-rank updates at "
                    + "\"\(place.rawValue)\".",
                remedy: "Choose another adapterPlace in the recipe.")
        }
        self.blocks = blocks
        try attach()
    }

    /// The layers of a block that are adapted, each with the seed of its A.
    private static func layers(
        of block: AdapterBlock, _ index: Int, _ place: AdapterPlace, _ seed: RunSeed
    ) -> [(any AdaptableLayer, UInt64)] {
        var layers: [(any AdaptableLayer, UInt64)] = []
        if place != .attention {
            for (position, layer) in block.feedForward.enumerated() {
                layers.append((layer, seed.value("low-rank start", 2 * index + position)))
            }
        }
        if place != .feedForward {
            for (position, layer) in block.attention.enumerated() {
                layers.append((layer, seed.value("attention start", 4 * index + position)))
            }
        }
        return layers
    }

    private static func adapter(
        _ layer: any AdaptableLayer, rank: Int, bound: Double, _ generator: Generator,
        _ device: Device
    ) throws(LetheError) -> Adapter {
        let down = try Tensor.uniform(
            shape: [rank, layer.inputCount], low: -bound, high: bound, generator: generator)
        return Adapter(
            layer: layer, down: try down.moved(to: device).requiringGradient(),
            up: try Tensor(zeros: [layer.outputCount, rank], device: device).requiringGradient())
    }

    /// Everything that is trained: A and B of every layer, in order.
    var parameters: [Tensor] { groups(.subgradient).flatMap { $0 } }

    /// What the group lasso shrinks together in each block: all matrices, or B alone (see
    /// `ProximalGroupStep`).
    func groups(_ form: GroupLassoForm) -> [[Tensor]] {
        switch form {
        case .subgradient: blocks.map { $0.flatMap { [$0.down, $0.up] } }
        case .proximal: blocks.map { $0.map(\.up) }
        }
    }

    /// What the learning rate of each block is multiplied by.
    func rateFactors(blockDecay: Double) -> [Double] {
        blocks.indices.map { pow(blockDecay, Double(blocks.count - 1 - $0)) }
    }

    /// Puts the updates beside the weights, as they are now.
    ///
    /// The scale goes to the small factor B, so that no large tensor is multiplied by it; hence
    /// this has to be called again after every change of B.
    func attach() throws(LetheError) {
        for adapter in blocks.joined() {
            adapter.layer.lowRank = LowRankUpdate(
                down: adapter.down, up: try adapter.up * scale, scale: 1)
        }
    }

    /// AdamW over all updates; the first blocks may learn more slowly than the last.
    func optimizer(
        _ plan: GSLoRAParameters.Optimization
    ) throws(LetheError) -> GroupedAdamW {
        let sections = plan.blockDecay == 1 ? [parameters] : groups(.subgradient)
        var parts: [(AdamW, Double)] = []
        for (section, factor) in zip(sections, rateFactors(blockDecay: plan.blockDecay)) {
            parts.append(
                (
                    try AdamW(
                        parameters: section, learningRate: plan.schedule.peak,
                        weightDecay: plan.weightDecay, beta2: plan.beta2, epsilon: plan.epsilon),
                    factor
                ))
        }
        return GroupedAdamW(parts)
    }

    /// Takes the updates away again: the parent computes.
    func detach() {
        for adapter in blocks.joined() { adapter.layer.lowRank = nil }
    }

    /// For the record, the norm of each group, `groupNorm.N`, and the share of groups that count as
    /// zero, `zeroGroupRatio`.
    ///
    /// The paper does not say below which norm a group counts as zero. Ours: exactly zero after
    /// proximal steps, else below a thousandth of the largest (methods.md 5.7).
    ///
    /// - Parameter firstBlock: The position of the first adapted block in the whole model.
    func sparsityFigures(
        _ form: GroupLassoForm, firstBlock: Int = 0
    ) throws(LetheError) -> [String: Double] {
        var norms: [Double] = []
        for group in groups(form) { norms.append(try group.jointNorm()) }
        let threshold = form == .proximal ? 0 : 1e-3 * (norms.max() ?? 0)
        let zeroCount = norms.count { $0 == 0 || $0 < threshold }
        var figures = ["zeroGroupRatio": Double(zeroCount) / Double(norms.count)]
        for (block, norm) in norms.enumerated() {
            figures["groupNorm.\(firstBlock + block)"] = norm
        }
        return figures
    }

    /// Writes the updates as PEFT names them: `base_model.model.<layer>.lora_A.weight`,
    /// [rank, inputs], and `lora_B`, [outputs, rank], float32; both end in 1, 1 where the layer is a
    /// convolution.
    ///
    /// The same numbers always give the same bytes; the metadata says rank and scale. A block whose
    /// B are all zero is left out, so that merging leaves its weights' bytes alone: adding zero
    /// would turn -0 into 0.
    ///
    /// - Throws: `numerical` if no block is left, `io`.
    func write(to url: URL) throws(LetheError) {
        var tensors: [(String, Tensor)] = []
        var changed: [[Adapter]] = []
        for block in blocks where try block.map(\.up).jointNorm() > 0 { changed.append(block) }
        guard !changed.isEmpty else {
            throw LetheError(
                code: .numerical,
                message: "Nothing was forgotten: the update of every block is zero.",
                remedy: "Lower groupLassoWeight in the recipe, or raise its learningRate.")
        }
        for adapter in changed.joined() {
            let name = "base_model.model.\(adapter.layer.name)"
            for (factor, tensor) in [("lora_A", adapter.down), ("lora_B", adapter.up)] {
                let values = try tensor.detached().moved(to: .cpu)
                let shape = values.shape + adapter.layer.kernelShape
                tensors.append(("\(name).\(factor).weight", try values.reshaped(shape)))
            }
        }
        let metadata = ["format": "pt", "rank": "\(rank)", "scale": "\(scale)"]
        try Safetensors.write(tensors, metadata: metadata, to: url)
    }
}
