import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

/// Five steps against PyTorch; the golden files come from scripts/golden/forgetting_gs_lora.py.
@Suite("GS-LoRA equals the same method written in PyTorch")
struct GSLoRAGoldenTests {
    private struct Golden: Decodable {
        let recipe: [String: Double]
        let forgotten: [Int]
        let earlier: [Int]
        let retained: [Int]
        let forgetBatchSize: Int
        let steps: [[String: Double]]
    }

    private let folder = Locations.fixtures.appending(path: "forgetting/gs-lora")

    private func golden() throws -> Golden {
        try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: folder.appending(path: "golden.json")))
    }

    /// Adapters that start from the A that the script drew.
    private func adapters(
        _ model: VisionTransformer, rank: Int, inputs: SafetensorsFile
    ) throws -> LowRankAdapters {
        let adapters = try LowRankAdapters(
            model, rank: rank, slopeSquared: 5, seed: RunSeed(seed: 0, task: 0))
        for (index, block) in adapters.blocks.enumerated() {
            for (adapter, name) in zip(block, ["first", "second"]) {
                try adapter.down.copy(from: inputs.tensor(named: "block\(index).\(name).A"))
            }
        }
        return adapters
    }

    @Test("Every loss term, every gradient norm, and the matrices after five steps")
    func fiveSteps() throws {
        try Threads.set(1)
        let golden = try golden()
        let inputs = try Safetensors.open(folder.appending(path: "inputs.safetensors"))
        let expected = try Safetensors.open(folder.appending(path: "golden.safetensors"))
        let model = try VisionTransformer.load(folder: folder)
        let recipe = Recipe(
            name: "golden", method: "gs-lora", description: "",
            parameters: .object(golden.recipe.mapValues(JSONValue.number)))
        let parameters = try GSLoRAParameters(recipe, classCount: 6)
        let images = try inputs.tensor(named: "images")
        let labels = try inputs.tensor(named: "labels")
        let order = try inputs.tensor(named: "order")
        let teacher = try withoutGradient { () throws(LetheError) in try model.logits(images) }
        let adapters = try adapters(model, rank: parameters.rank, inputs: inputs)
        let method = try GSLoRA(
            model, adapters: adapters, losses: parameters.losses,
            roles: ClassRoles(
                forgotten: golden.forgotten, earlier: golden.earlier, retained: golden.retained),
            monitor: nil,
            batch: { step throws(LetheError) in
                let rows = try order.selected(dimension: 0, index: step)
                let batchLabels = try labels.rows(at: rows)
                let parts = try batchLabels.split(
                    sizes: [golden.forgetBatchSize, rows.count - golden.forgetBatchSize])
                return ForgetBatch(
                    images: try images.rows(at: rows), forgetLabels: parts[0],
                    retainLabels: parts[1], teacher: try teacher.rows(at: rows))
            }, meter: { _ throws(LetheError) in throw unused })
        let optimizer = try adapters.optimizer(parameters.optimization)
        for (step, terms) in golden.steps.enumerated() {
            let figures = try method.update(
                step: step, optimizer,
                learningRate: parameters.optimization.schedule.rate(step: step),
                gradientNormLimit: parameters.optimization.gradientNormLimit)
            for (name, value) in terms {
                let figure = try #require(figures[name], "\(name)")
                #expect(abs(figure - value) < 2e-5 * max(1, abs(value)), "\(name) step \(step)")
            }
        }
        for (index, block) in adapters.blocks.enumerated() {
            for (adapter, name) in zip(block, ["first", "second"]) {
                let down = try expected.tensor(named: "block\(index).\(name).A")
                let up = try expected.tensor(named: "block\(index).\(name).B")
                #expect(try largestDifference(adapter.down, down) < 2e-5)
                #expect(try largestDifference(adapter.up, up) < 2e-5)
            }
        }
        try adapters.attach()
        let logits = try model.logits(images)
        #expect(try largestDifference(logits, expected.tensor(named: "logits")) < 1e-4)
    }

    @Test("Fresh updates change nothing, bit for bit, and A keeps to its bounds")
    func freshUpdates() throws {
        let model = try VisionTransformer.load(folder: folder)
        let images = try Safetensors.open(folder.appending(path: "inputs.safetensors"))
            .tensor(named: "images")
        let before = try model.logits(images)
        for (slopeSquared, factor) in [(5.0, 1.0), (50.0, (6.0 / 51.0).squareRoot())] {
            let adapters = try LowRankAdapters(
                model, rank: 8, slopeSquared: slopeSquared, seed: RunSeed(seed: 3, task: 1))
            #expect(try model.logits(images).isEqual(to: before))
            for adapter in adapters.blocks.joined() {
                let inputs = Double(adapter.layer.weight.shape[1])
                let bound = factor / inputs.squareRoot()
                let largest = Double(try adapter.down.detached().absolute().maximum().scalar())
                #expect(largest <= bound * (1 + 1e-6) && largest > 0.9 * bound)
                #expect(try adapter.up.detached().absolute().maximum().scalar() == 0)
            }
            adapters.detach()
        }
    }

    @Test("Merged and unmerged weights say the same within 1e-5, and the file holds the update")
    func mergedEqualsUnmerged() throws {
        let temporary = try TemporaryFolder()
        let model = try VisionTransformer.load(folder: folder)
        let images = try Safetensors.open(folder.appending(path: "inputs.safetensors"))
            .tensor(named: "images")
        let adapters = try LowRankAdapters(
            model, rank: 8, slopeSquared: 5, seed: RunSeed(seed: 3, task: 0))
        let generator = try Generator(seed: 9)
        for adapter in adapters.blocks.joined() {
            try adapter.up.copy(
                from: Tensor.normal(shape: adapter.up.shape, generator: generator))
        }
        try adapters.attach()
        let unmerged = try model.logits(images).detached()
        let url = temporary.url.appending(path: "delta.safetensors")
        try adapters.write(to: url)
        adapters.detach()

        let delta = try Safetensors.open(url)
        #expect(delta.names.count == 2 * 2 * 2)
        #expect(delta.header.metadata == ["format": "pt", "rank": "8", "scale": "0.125"])
        let scale = try #require(delta.header.metadata["scale"].flatMap(Double.init))
        for block in model.blocks {
            for layer in [block.feedForward.first, block.feedForward.second] {
                let name = "base_model.model.\(layer.name)"
                let down = try delta.tensor(named: "\(name).lora_A.weight")
                let up = try delta.tensor(named: "\(name).lora_B.weight")
                #expect(down.shape == [8, layer.weight.shape[1]])
                #expect(up.shape == [layer.weight.shape[0], 8])
                layer.weight = try layer.weight + up.matmul(down) * scale
            }
        }
        let merged = try model.logits(images)
        let size = Double(try unmerged.absolute().maximum().scalar())
        #expect(try largestDifference(merged, unmerged) < 1e-5 * max(1, size))
    }

    private var unused: LetheError {
        LetheError(code: .invalidArgument, message: "not measured here")
    }
}

/// The largest absolute difference of two tensors.
func largestDifference(_ left: Tensor, _ right: Tensor) throws -> Double {
    Double(try (left.detached() - right.detached()).absolute().maximum().scalar())
}
