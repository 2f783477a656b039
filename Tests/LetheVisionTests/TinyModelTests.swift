import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

/// Every architecture against its reference, on tiny random models made by
/// scripts/golden/vision_models.py.
@Suite("Architectures")
struct TinyModelTests {
    static let names = [
        "vit", "vit-grey-tanh", "vit-quick-bf16", "deit", "deit-distilled-f16", "dinov2",
        "timm-vit", "timm-avg", "timm-dinov2", "timm-deit-distilled",
    ]

    @Test("Logits and features equal the Python reference", arguments: names)
    func logits(name: String) throws {
        let folder = VisionFixtures.models.appending(path: name)
        let model = try VisionTransformer.load(folder: folder)
        let golden = try Safetensors.open(folder.appending(path: "expected.safetensors"))
        let inputs = golden.names.filter { $0.hasPrefix("images") }
        #expect(inputs.count == (name == "dinov2" ? 4 : 1))
        try withoutGradient {
            for input in inputs {
                let images = try golden.tensor(named: input)
                let size = input.dropFirst("images".count)
                let features = try golden.tensor(named: "features\(size)")
                let logits = try golden.tensor(named: "logits\(size)")
                #expect(
                    try VisionFixtures.distance(model.features(images), features) < 2e-5, "\(size)")
                #expect(
                    try VisionFixtures.distance(model.logits(images), logits) < 2e-5, "\(size)")
            }
        }
    }

    @Test("A model that did not change is saved byte for byte", arguments: names)
    func saving(name: String) throws {
        let folder = VisionFixtures.models.appending(path: name)
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appending(path: "model.safetensors")
        try VisionTransformer.load(folder: folder).save(weightsTo: copy)
        let original = try Data(contentsOf: folder.appending(path: "model.safetensors"))
        #expect(try Data(contentsOf: copy) == original)
    }

    @Test("A changed weight is saved in the element type of the file")
    func savingChanges() throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("deit-distilled-f16", into: temporary)
        let model = try VisionTransformer.load(folder: folder)
        let layer = model.blocks[1].feedForward.second
        #expect(layer.name == "deit.encoder.layer.1.output.dense")
        layer.weight = try layer.weight + 1.0
        try model.save(weightsTo: folder.appending(path: "model.safetensors"))
        let file = try Safetensors.open(folder.appending(path: "model.safetensors"))
        let saved = try file.tensor(named: layer.name + ".weight")
        #expect(saved.type == .float16)
        #expect(try VisionFixtures.distance(saved.converted(to: .float32), layer.weight) < 2e-3)
        let again = try VisionTransformer.load(folder: folder)
        let untouched = again.blocks[0].feedForward.second.weight
        #expect(try untouched.isEqual(to: model.blocks[0].feedForward.second.weight))
    }

    @Test("A low-rank update equals the merged weight")
    func lowRank() throws {
        let folder = VisionFixtures.models.appending(path: "dinov2")
        let model = try VisionTransformer.load(folder: folder)
        let images = try Safetensors.open(folder.appending(path: "expected.safetensors"))
            .tensor(named: "images16x16")
        let generator = try Generator(seed: 5)
        let layer = model.blocks[1].feedForward.first
        let update = LowRankUpdate(
            down: try .normal(shape: [3, 16], generator: generator),
            up: try .normal(shape: [32, 3], generator: generator), scale: 0.5)
        let before = try model.logits(images)
        layer.lowRank = update
        let adapted = try model.logits(images)
        layer.lowRank = nil
        layer.weight = try layer.weight + update.up.matmul(update.down) * update.scale
        let merged = try model.logits(images)
        #expect(try VisionFixtures.distance(adapted, merged) < 1e-4)
        #expect(try VisionFixtures.distance(adapted, before) > 1e-2)
    }

    @Test("Gradients reach every used parameter", arguments: ["deit-distilled-f16", "timm-dinov2"])
    func gradients(name: String) throws {
        let folder = VisionFixtures.models.appending(path: name)
        let model = try VisionTransformer.load(folder: folder)
        for parameter in model.parameters { try parameter.tensor.requiringGradient() }
        let images = try Safetensors.open(folder.appending(path: "expected.safetensors"))
            .tensor(named: "images16x16")
        try model.logits(images).crossEntropy(labels: Tensor([0, 1, 2] as [Int64])).backward()
        for parameter in model.weights {
            #expect(parameter.tensor.gradient != nil, "\(parameter.name)")
        }
    }

    @Test("The same seed gives the same new model, which transformers' names describe")
    func creating() throws {
        var configuration = VisionTransformerConfiguration(
            classCount: 3, imageSize: 12, patchSize: 4, channels: 1, width: 32, depth: 2,
            headCount: 4, feedForwardWidth: 48, classNames: ["a", "b", "c"])
        configuration.family = .deit
        configuration.pooling = .classAndDistillationTokens
        let folder = try TemporaryFolder()
        let weights = folder.url.appending(path: "model.safetensors")
        var files: [Data] = []
        for seed in [1, 1, 2] as [UInt64] {
            let model = try VisionTransformer.create(
                configuration, generator: Generator(seed: seed))
            try model.save(weightsTo: weights)
            files.append(try Data(contentsOf: weights))
        }
        #expect(files[0] == files[1])
        #expect(files[0] != files[2])
        try configuration.write(to: folder.url.appending(path: "config.json"))
        let loaded = try VisionTransformer.load(folder: folder.url)
        #expect(loaded.configuration == configuration)
        let token = try #require(
            loaded.parameters.first { $0.name == "deit.embeddings.position_embeddings" })
        let deviation = try token.tensor.square().mean().squareRoot().scalar()
        #expect(abs(deviation - 0.02) < 0.004)
        #expect(loaded.parameters.allSatisfy { $0.role == .weight })
        let images = try Tensor(zeros: [2, 1, 12, 12])
        #expect(try loaded.logits(images).shape == [2, 3])
    }

    @Test("Shards beside an index are one model")
    func shards() throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("vit", into: temporary)
        let whole = folder.appending(path: "model.safetensors")
        let file = try Safetensors.open(whole)
        var map: [String: String] = [:]
        for part in 0..<2 {
            let name = "model-\(part).safetensors"
            let names = file.names.enumerated().filter { $0.offset % 2 == part }.map(\.element)
            try Safetensors.write(
                names.map { ($0, try file.tensor(named: $0)) }, to: folder.appending(path: name))
            for tensor in names { map[tensor] = name }
        }
        try FileManager.default.removeItem(at: whole)
        try JSONEncoder().encode(["weight_map": map])
            .write(to: folder.appending(path: "model.safetensors.index.json"))
        let golden = try Safetensors.open(folder.appending(path: "expected.safetensors"))
        let logits = try VisionTransformer.load(folder: folder)
            .logits(golden.tensor(named: "images16x16"))
        #expect(
            try VisionFixtures.distance(logits, golden.tensor(named: "logits16x16")) < 2e-5)
    }
}
