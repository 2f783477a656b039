import Foundation
import LetheRecords
import LetheTensor
import LetheVision

/// What a stage adds to the base: the head and the low-rank updates of all groups so far.
struct StageParts {
    /// The head's tensors.
    struct Head {
        /// [classes, width].
        let weight: Tensor
        /// [classes].
        let bias: Tensor?
    }

    /// As many as the model has heads.
    var heads: [Head]
    /// The updates by the name of their layer.
    var updates: [String: LowRankUpdate]
    /// What B A is multiplied by.
    let scale: Double

    private static let prefix = "base_model.model."

    /// A fresh head and no updates: what the first stage starts from.
    ///
    /// The base's own head is not used, because it may have seen the samples. The spread of 0.02 is
    /// that of transformers' new heads.
    init(freshFor model: StageModel, scale: Double, seed: UInt64) throws(LetheError) {
        let generator = try Generator(seed: seed)
        self.scale = scale
        updates = [:]
        heads = []
        for layer in model.heads {
            let weight = try Tensor.truncatedNormal(
                shape: layer.weight.shape, standardDeviation: 0.02, generator: generator)
            let bias: Tensor? =
                if let shape = layer.bias?.shape {
                    try Tensor(zeros: shape, device: model.base.device)
                } else { nil }
            heads.append(Head(weight: try weight.moved(to: model.base.device), bias: bias))
        }
    }

    /// Reads the parts of a stage from its file.
    ///
    /// - Throws: `malformed` for tensors that are missing, too many or of other shapes.
    init(
        reading file: SafetensorsFile, for model: StageModel, stage: Int
    ) throws(LetheError) {
        let device = model.base.device
        func tensor(_ name: String, _ fits: ([Int]) -> Bool) throws(LetheError) -> Tensor {
            guard file.contains(name) else { throw Self.misfit(name) }
            let tensor = try file.tensor(named: name)
            guard tensor.type == .float32, fits(tensor.shape) else { throw Self.misfit(name) }
            return try tensor.moved(to: device)
        }
        guard let scale = file.header.metadata["scale"].flatMap(Double.init) else {
            throw Self.misfit("scale")
        }
        self.scale = scale
        heads = []
        updates = [:]
        for layer in model.heads {
            let name = Self.prefix + layer.name
            let weight = try tensor("\(name).weight") { $0 == layer.weight.shape }
            let bias: Tensor? =
                if let shape = layer.bias?.shape {
                    try tensor("\(name).bias") { $0 == shape }
                } else { nil }
            heads.append(Head(weight: weight, bias: bias))
        }
        for layer in model.layers(upToStage: stage) {
            let name = Self.prefix + layer.name
            let shape = layer.weight.shape
            let down = try tensor("\(name).lora_A.weight") { $0.count == 2 && $0[1] == shape[1] }
            let up = try tensor("\(name).lora_B.weight") { $0 == [shape[0], down.shape[0]] }
            updates[layer.name] = LowRankUpdate(down: down, up: up, scale: scale)
        }
        let count = named(model, stage: stage).count
        guard file.names.count == count else { throw Self.misfit("tensors of other stages") }
    }

    /// Adds fresh updates, which change nothing yet, for the layers of a stage: A Kaiming-uniform as
    /// PEFT draws it, bound 1 / sqrt(inputs); B zero.
    mutating func begin(
        _ layers: [LinearLayer], rank: Int, seed: UInt64, device: Device
    ) throws(LetheError) {
        let generator = try Generator(seed: seed)
        for layer in layers {
            let shape = layer.weight.shape
            let bound = 1 / Double(shape[1]).squareRoot()
            let down = try Tensor.uniform(
                shape: [rank, shape[1]], low: -bound, high: bound, generator: generator)
            updates[layer.name] = LowRankUpdate(
                down: try down.moved(to: device),
                up: try Tensor(zeros: [shape[0], rank], device: device), scale: scale)
        }
    }

    /// The heads' tensors and those of some layers' updates, in a fixed order.
    func tensors(of layers: [LinearLayer]) -> [Tensor] {
        heads.flatMap { [$0.weight] + ($0.bias.map { [$0] } ?? []) }
            + layers.compactMap { updates[$0.name] }.flatMap { [$0.down, $0.up] }
    }

    /// Everything under the names of PEFT.
    func named(_ model: StageModel, stage: Int) -> [(String, Tensor)] {
        var tensors: [(String, Tensor)] = []
        for (layer, head) in zip(model.heads, heads) {
            tensors.append(("\(Self.prefix)\(layer.name).weight", head.weight))
            if let bias = head.bias { tensors.append(("\(Self.prefix)\(layer.name).bias", bias)) }
        }
        for layer in model.layers(upToStage: stage) {
            guard let update = updates[layer.name] else { continue }
            tensors.append(("\(Self.prefix)\(layer.name).lora_A.weight", update.down))
            tensors.append(("\(Self.prefix)\(layer.name).lora_B.weight", update.up))
        }
        return tensors
    }

    /// Writes the file of a stage: with the base it is the stage's whole model.
    func write(
        _ model: StageModel, stage: Int, metadata: [String: String], to url: URL
    ) throws(LetheError) {
        var tensors: [(String, Tensor)] = []
        for (name, tensor) in named(model, stage: stage) {
            tensors.append((name, try tensor.detached().moved(to: .cpu)))
        }
        try Safetensors.write(
            tensors, metadata: metadata.merging(["scale": "\(scale)"]) { $1 }, to: url)
    }

    private static func misfit(_ name: String) -> LetheError {
        LetheError(
            code: .malformed,
            message: "The stage's file does not fit the base: \(name) is missing, too much or of "
                + "another shape.",
            remedy: "Give the base that the stage was trained on.")
    }
}
