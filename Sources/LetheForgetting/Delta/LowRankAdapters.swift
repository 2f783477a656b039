import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// The low-rank updates of one task: B A / rank on both feed-forward layers of every block.
final class LowRankAdapters {
    /// The update of one linear layer.
    struct Adapter {
        let layer: LinearLayer
        /// A, [rank, inputs].
        let down: Tensor
        /// B, [outputs, rank].
        let up: Tensor
    }

    /// The rank r of every update.
    let rank: Int
    /// First and second feed-forward layer of each block, in the order of the blocks.
    let blocks: [[Adapter]]
    /// The factor before B A.
    var scale: Double { 1 / Double(rank) }

    /// Attaches fresh updates that change nothing yet: A Kaiming-uniform, B zero.
    ///
    /// The bound is sqrt(6 / ((1 + slope²) · inputs)): 1 / sqrt(inputs) for a squared slope of 5.
    init(
        _ model: any ImageClassifier, rank: Int, slopeSquared: Double, seed: RunSeed
    ) throws(LetheError) {
        guard !model.adapterBlocks.isEmpty else {
            throw LetheError(
                code: .unsupported,
                message: "\(model.architectureName) has no blocks of linear layers, which low-rank "
                    + "updates need.",
                remedy: "Use a method that trains the weights themselves, or a transformer.")
        }
        self.rank = rank
        var blocks: [[Adapter]] = []
        for (index, block) in model.adapterBlocks.enumerated() {
            var adapters: [Adapter] = []
            for (position, layer) in block.feedForward.enumerated() {
                let shape = layer.weight.shape
                let generator = try Generator(
                    seed: seed.value("low-rank start", 2 * index + position))
                let bound = sqrt(6 / ((1 + slopeSquared) * Double(shape[1])))
                let down = try Tensor.uniform(
                    shape: [rank, shape[1]], low: -bound, high: bound, generator: generator)
                adapters.append(
                    Adapter(
                        layer: layer, down: try down.moved(to: model.device).requiringGradient(),
                        up: try Tensor(zeros: [shape[0], rank], device: model.device)
                            .requiringGradient()))
            }
            blocks.append(adapters)
        }
        self.blocks = blocks
        try attach()
    }

    /// Everything that is trained: A and B of every layer, in order.
    var parameters: [Tensor] { groups.flatMap { $0 } }

    /// The four matrices of each block, which the group lasso shrinks together.
    var groups: [[Tensor]] { blocks.map { $0.flatMap { [$0.down, $0.up] } } }

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
        let sections = plan.blockDecay == 1 ? [parameters] : groups
        var parts: [(AdamW, Double)] = []
        for (position, section) in sections.enumerated() {
            let factor = pow(plan.blockDecay, Double(sections.count - 1 - position))
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

    /// The norm of each group, for the record.
    func groupNorms() throws(LetheError) -> [Double] {
        var norms: [Double] = []
        for group in groups {
            var sum = 0.0
            for matrix in group { sum += Double(try matrix.detached().square().sum().scalar()) }
            norms.append(sum.squareRoot())
        }
        return norms
    }

    /// Writes the updates as PEFT names them: `base_model.model.<layer>.lora_A.weight`,
    /// [rank, inputs], and `lora_B`, [outputs, rank], float32.
    ///
    /// The same numbers always give the same bytes; the metadata says rank and scale.
    func write(to url: URL) throws(LetheError) {
        var tensors: [(String, Tensor)] = []
        for adapter in blocks.joined() {
            let name = "base_model.model.\(adapter.layer.name)"
            tensors.append(("\(name).lora_A.weight", try adapter.down.detached().moved(to: .cpu)))
            tensors.append(("\(name).lora_B.weight", try adapter.up.detached().moved(to: .cpu)))
        }
        let metadata = ["format": "pt", "rank": "\(rank)", "scale": "\(scale)"]
        try Safetensors.write(tensors, metadata: metadata, to: url)
    }
}
