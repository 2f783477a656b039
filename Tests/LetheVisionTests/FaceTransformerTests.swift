import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

/// GS-LoRA's face model against its equations, which scripts/golden/vision_face.py writes down
/// again.
@Suite("The face transformer")
struct FaceTransformerTests {
    private let folder = VisionFixtures.models.appending(path: "face")

    private func load() throws -> (FaceTransformer, SafetensorsFile) {
        let model = try #require(try ClassifierLoading.load(folder: folder) as? FaceTransformer)
        return (model, try Safetensors.open(folder.appending(path: "expected.safetensors")))
    }

    @Test("Features and logits equal the equations', and evaluation takes no margin")
    func logits() throws {
        let (model, golden) = try load()
        let images = try golden.tensor(named: "images")
        let features = try withoutGradient { try model.features(images) }
        let logits = try withoutGradient { try model.logits(images) }
        #expect(try VisionFixtures.distance(features, golden.tensor(named: "features")) < 2e-5)
        #expect(try VisionFixtures.distance(logits, golden.tensor(named: "logits")) < 2e-4)
    }

    @Test("Asked for, the margin is taken from the true class, and gradients flow through it")
    func margin() throws {
        let (model, golden) = try load()
        let labels = try golden.tensor(named: "labels")
        for weight in model.weights { try weight.tensor.requiringGradient() }
        let logits = try model.head(
            model.features(golden.tensor(named: "images")), labels: labels)
        #expect(
            try VisionFixtures.distance(
                logits.detached(), golden.tensor(named: "margin.logits")) < 2e-4)
        try logits.crossEntropy(labels: labels).backward()
        for weight in model.weights {
            let expected = try golden.tensor(named: "gradient.\(weight.name)")
            let gradient = try #require(weight.tensor.gradient, "\(weight.name)")
            let scale = 1 + Double(try expected.absolute().maximum().scalar())
            #expect(
                try VisionFixtures.distance(gradient, expected) < 5e-5 * scale, "\(weight.name)")
        }
    }

    @Test("A model that did not change is saved byte for byte")
    func saving() throws {
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appending(path: "model.safetensors")
        try ClassifierLoading.load(folder: folder).save(weightsTo: copy)
        let original = try Data(contentsOf: folder.appending(path: "model.safetensors"))
        #expect(try Data(contentsOf: copy) == original)
    }

    @Test("The same seed gives the same new model, which loads again")
    func creating() throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("face", into: temporary)
        let weights = folder.appending(path: "model.safetensors")
        var files: [Data] = []
        for seed in [1, 1, 2] as [UInt64] {
            let model = try ClassifierLoading.create(
                folder: folder, generator: Generator(seed: seed))
            try model.save(weightsTo: weights)
            files.append(try Data(contentsOf: weights))
        }
        #expect(files[0] == files[1])
        #expect(files[0] != files[2])
        let described = try ClassifierLoading.inspect(folder: folder)
        let model = try ClassifierLoading.load(folder: folder)
        #expect(described.architecture == "FaceTransformer")
        #expect(
            described.parameterCount == model.parameters.map(\.tensor.count).reduce(0, +))
    }

    // methods.md section 5.2: 19,157,504 parameters for 100 people, six blocks to adapt.
    @Test("With the paper's sizes it has as many parameters as the paper's, and six blocks")
    func size() throws {
        let model = try FaceTransformer.create(
            FaceTransformerConfiguration(classCount: 100), generator: Generator(seed: 1))
        #expect(model.weights.map(\.tensor.count).reduce(0, +) == 19_157_504)
        #expect(model.adapterBlocks.count == 6)
        let shapes = model.adapterBlocks.flatMap { $0.feedForward.map(\.weight.shape) }
        #expect(Set(shapes) == [[2048, 512], [512, 2048]])
    }

    static let refusals: [(changes: [String: JSONValue], words: [String])] = [
        (["patch_size": 5], ["patches of 5"]), (["num_attention_heads": 3], ["3 heads"]),
        (["cosface_scale": 0], ["cosface_scale"]), (["cosface_margin": 2], ["cosface_margin"]),
        (["num_labels": .null], ["num_labels"]), (["num_channels": 2], ["2 channels"]),
        (["num_hidden_layers": 3], ["missing", "layers.2"]),
    ]

    @Test("A configuration that does not fit is refused with its reason", arguments: refusals)
    func refusal(changes: [String: JSONValue], words: [String]) throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("face", into: temporary, changing: changes)
        let error = try #require(throws: LetheError.self) {
            try ClassifierLoading.load(folder: folder)
        }
        for word in words { #expect(error.says(word), "\(error)") }
        #expect(error.remedy != nil)
    }
}
