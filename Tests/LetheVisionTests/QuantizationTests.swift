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

    @Test("Integers and scales give the settled weights back bit for bit", arguments: models)
    func artefact(name: String) throws {
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "model.int8.safetensors")
        let (model, _) = try load(name)
        let quantization = try ModelQuantization(model, weightBits: 4, activationBits: 0)
        let early = #expect(throws: LetheError.self) {
            try QuantizedCheckpoint.write(model, to: url)
        }
        #expect(early?.code == .invalidArgument)
        try quantization.settle()
        try QuantizedCheckpoint.write(model, to: url)
        let read = try QuantizedCheckpoint.read(url)
        #expect(Set(read.keys) == Set(model.parameters.map(\.name)))
        for parameter in model.parameters {
            #expect(try read[parameter.name]?.isEqual(to: parameter.tensor) == true)
        }
        let file = try Safetensors.open(url)
        for layer in quantization.layers {
            let integers = try file.tensor(named: layer.name + ".weight")
            let largest = (layer.quantizer?.weightBits == 8) ? 127.0 : 7.0
            #expect(integers.type == .int8)
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
        let folder = try TemporaryFolder()
        let url = folder.url.appending(path: "bad.safetensors")
        try Safetensors.write([("a.weight", Tensor(zeros: [2, 2], type: .int8))], to: url)
        let scale = #expect(throws: LetheError.self) { try QuantizedCheckpoint.read(url) }
        #expect(scale?.code == .malformed)
    }
}
