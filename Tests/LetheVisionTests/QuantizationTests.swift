import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheVision

/// Golden files come from scripts/golden/vision_quantization.py.
@Suite("Quantisation")
struct QuantizationTests {
    static let models = [
        "vit", "timm-deit-distilled", "dinov2", "resnet-basic", "resnet-cifar-padded",
        "efficientnet-lite", "face",
    ]

    private func golden() throws -> SafetensorsFile {
        try Safetensors.open(VisionFixtures.folder.appending(path: "quantization.safetensors"))
    }

    private func load(_ name: String) throws -> (any ImageClassifier, Tensor) {
        let folder = VisionFixtures.models.appending(path: name)
        let file = try Safetensors.open(folder.appending(path: "expected.safetensors"))
        let images = try #require(file.names.first { $0.hasPrefix("images") })
        return (try ClassifierLoading.load(folder: folder), try file.tensor(named: images))
    }

    @Test(
        "Weights and their gradients are those of PyTorch's fake quantisation",
        arguments: [8, 4, 2])
    func weights(bits: Int) throws {
        let golden = try golden()
        let weight = try golden.tensor(named: "weight").requiringGradient()
        let grid = try WeightGrid(weight, bits: bits)
        let result = try grid.quantized(weight)
        #expect(
            try VisionFixtures.distance(
                result.detached(), golden.tensor(named: "weight.\(bits)")) < 1e-6)
        #expect(
            try VisionFixtures.distance(
                grid.scale.flattened(), golden.tensor(named: "weight.\(bits).scale")) < 1e-7)
        try (result * golden.tensor(named: "weight.upstream")).sum().backward()
        let gradient = try #require(weight.gradient)
        #expect(try gradient.isEqual(to: golden.tensor(named: "weight.\(bits).gradient")))
    }

    @Test(
        "Inputs over an averaged range, and their gradients, are those of PyTorch",
        arguments: ["signed", "rectified"], [8, 4, 2])
    func inputs(kind: String, bits: Int) throws {
        let golden = try golden()
        let batches = try golden.tensor(named: kind)
        let quantizer = try LayerQuantizer(weightBits: 0, activationBits: bits, device: .cpu)
        let free = try batches.selected(dimension: 0, index: 3).copied()
        #expect(try quantizer.input(free).isEqual(to: free), "nothing was counted yet")
        quantizer.isObserving = true
        for index in 0..<3 {
            _ = try quantizer.input(batches.selected(dimension: 0, index: index))
        }
        quantizer.isObserving = false
        let input = try free.requiringGradient()
        let result = try quantizer.input(input)
        #expect(
            try VisionFixtures.distance(
                result.detached(), golden.tensor(named: "\(kind).\(bits)")) < 1e-5)
        try (result * golden.tensor(named: "\(kind).upstream")).sum().backward()
        let gradient = try #require(input.gradient)
        #expect(try gradient.isEqual(to: golden.tensor(named: "\(kind).\(bits).gradient")))
    }

    @Test("What is on the grid is quantised to the same bits, whatever the weights")
    func idempotent() throws {
        for seed in UInt64(0)..<20 {
            let weight = try Tensor.normal(
                shape: [64, 33], generator: Generator(seed: seed))
            for bits in 2...8 {
                let grid = try WeightGrid(weight, bits: bits)
                let once = try grid.quantized(weight)
                let again = try WeightGrid(once, bits: bits)
                #expect(try again.quantized(once).isEqual(to: once), "seed \(seed), \(bits) bits")
                #expect(try again.scale.isEqual(to: grid.scale), "seed \(seed), \(bits) bits")
            }
        }
        let zeros = try Tensor(zeros: [2, 3])
        #expect(try WeightGrid(zeros, bits: 4).quantized(zeros).isEqual(to: zeros))
    }

    @Test("Eight bits change scores a little, two bits much; first and last layers keep eight")
    func bits() throws {
        let (model, images) = try load("resnet-basic")
        try withoutGradient {
            let exact = try model.logits(images)
            var distances: [Double] = []
            for bits in [8, 4, 2] {
                let quantization = try ModelQuantization(
                    model, weightBits: bits, activationBits: bits)
                let layers = quantization.layers.compactMap(\.quantizer)
                #expect(layers.first?.weightBits == 8 && layers.last?.activationBits == 8)
                #expect(layers.dropFirst().dropLast().allSatisfy { $0.weightBits == bits })
                _ = try quantization.observing { () throws(LetheError) in
                    try model.logits(images)
                }
                distances.append(try VisionFixtures.distance(model.logits(images), exact))
            }
            #expect(distances[0] > 0 && distances[0] < distances[1])
            #expect(distances[1] < distances[2])
        }
    }

    @Test("Every model lists its layers, and settling changes no score", arguments: models)
    func settles(name: String) throws {
        let (model, images) = try load(name)
        try withoutGradient {
            let quantization = try ModelQuantization(model, weightBits: 4, activationBits: 0)
            let known = Set(model.parameters.map(\.name))
            #expect(quantization.layers.allSatisfy { known.contains($0.name + ".weight") })
            let matrices = model.weights.filter {
                $0.name.hasSuffix(".weight") && $0.tensor.rank > 1 && $0.name != "loss.weight"
            }
            #expect(quantization.layers.count == matrices.count)
            let seen = try model.logits(images)
            try quantization.settle()
            for layer in quantization.layers { layer.quantizer = nil }
            #expect(try model.logits(images).isEqual(to: seen))
        }
    }

    @Test(
        "Integers, scales and ranges give the model back: the same weights and scores, bit for bit",
        arguments: models)
    func artefact(name: String) throws {
        let folder = try TemporaryFolder()
        let (model, images) = try load(name)
        let quantization = try ModelQuantization(model, weightBits: 4, activationBits: 4)
        try withoutGradient {
            _ = try quantization.observing { () throws(LetheError) in try model.logits(images) }
        }
        let early = #expect(throws: LetheError.self) {
            try model.save(weightsTo: folder.url.appending(path: "early.safetensors"))
        }
        #expect(early?.code == .invalidArgument)
        let seen = try withoutGradient { () throws(LetheError) in
            try quantization.settle()
            return try model.logits(images)
        }
        let read = try reload(model, of: name, in: folder)
        for mine in model.parameters {
            let theirs = try #require(read.parameters.first { $0.name == mine.name })
            #expect(try theirs.tensor.isEqual(to: mine.tensor), "\(mine.name)")
            #expect(theirs.storedType == mine.storedType)
        }
        let scores = try withoutGradient { () throws(LetheError) in try read.logits(images) }
        #expect(try scores.isEqual(to: seen))
        let restored = try #require(ModelQuantization(of: read))
        #expect(restored.weightBits == 4 && restored.activationBits == 4)
        let inspected = try ClassifierLoading.inspect(folder: folder.url)
        #expect(
            inspected.parameterCount
                == model.parameters.reduce(0) { $0 + $1.tensor.shape.reduce(1, *) })
        try expectIntegers(quantization, folder.url.appending(path: "model.safetensors"))
    }

    /// Writes a model as integers beside its configuration and loads it.
    private func reload(
        _ model: any ImageClassifier, of name: String, in folder: TemporaryFolder
    ) throws -> any ImageClassifier {
        let source = VisionFixtures.models.appending(path: name)
        try FileManager.default.copyItem(
            at: source.appending(path: "config.json"),
            to: folder.url.appending(path: "config.json"))
        try model.save(weightsTo: folder.url.appending(path: "model.safetensors"))
        return try ClassifierLoading.load(folder: folder.url)
    }

    private func expectIntegers(_ quantization: ModelQuantization, _ url: URL) throws {
        let file = try Safetensors.open(url)
        for layer in quantization.layers {
            let integers = try file.tensor(named: layer.name + ".weight")
            let largest = (layer.quantizer?.weightBits == 8) ? 127.0 : 7.0
            #expect(integers.type == .int8 && integers.shape == [1] + layer.weight.shape)
            #expect(
                Double(try integers.converted(to: .float32).absolute().maximum().scalar())
                    <= largest)
        }
    }

    @Test("Other numbers of bits, half precision and integers without scales are refused")
    func refusals() throws {
        let (model, _) = try load("vit")
        let bits = #expect(throws: LetheError.self) {
            try ModelQuantization(model, weightBits: 1, activationBits: 0)
        }
        #expect(bits?.code == .invalidArgument)
        let (half, _) = try load("resnet-transformers-f16")
        let type = #expect(throws: LetheError.self) {
            try ModelQuantization(half, weightBits: 4, activationBits: 0)
        }
        #expect(type?.code == .unsupported)
    }

    @Test("Integers without scales, ranges or bits, or off their grid, are refused")
    func damagedIntegers() throws {
        let folder = try TemporaryFolder()
        let (model, images) = try load("resnet-basic")
        let quantization = try ModelQuantization(model, weightBits: 4, activationBits: 4)
        try withoutGradient {
            _ = try quantization.observing { () throws(LetheError) in try model.logits(images) }
            try quantization.settle()
        }
        _ = try reload(model, of: "resnet-basic", in: folder)
        let url = folder.url.appending(path: "model.safetensors")
        let file = try Safetensors.open(url)
        let tensors = try file.names.map { ($0, try file.tensor(named: $0)) }
        let metadata = file.header.metadata
        let name = try #require(quantization.layers.dropFirst().first?.name)
        let moved = try (file.tensor(named: name + ".weight").converted(to: .float32) + 100)
            .converted(to: .int8)
        let damages: [([(String, Tensor)], [String: String])] = [
            (tensors.filter { $0.0 != name + ".weight.scale" }, metadata),
            (tensors.filter { $0.0 != name + ".input_range" }, metadata),
            (tensors, ["format": "pt"]),
            (tensors, metadata.merging(["lethe.weight_bits": "9"]) { $1 }),
            (tensors, metadata.merging(["lethe.weight_bits": "2"]) { $1 }),
            (tensors.map { $0.0 == name + ".weight" ? ($0.0, moved) : $0 }, metadata),
        ]
        for (number, damage) in damages.enumerated() {
            try Safetensors.write(damage.0, metadata: damage.1, to: url)
            let error = #expect(throws: LetheError.self, "damage \(number)") {
                try ClassifierLoading.load(folder: folder.url)
            }
            #expect(
                [.malformed, .unsupported].contains(error?.code) && error?.remedy != nil,
                "damage \(number)")
        }
    }
}
