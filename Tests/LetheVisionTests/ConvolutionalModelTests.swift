import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

/// Every kind of convolutional network against its reference, on tiny random models made by
/// scripts/golden/vision_resnet.py and scripts/golden/vision_efficientnet_lite.py.
@Suite("Convolutional networks")
struct ConvolutionalModelTests {
    static let names = [
        "resnet-cifar-padded", "resnet-cifar-projected", "resnet-basic",
        "resnet-basic-small-stem", "resnet-bottleneck", "resnet-bottleneck-small-stem",
        "resnet-transformers", "resnet-transformers-f16", "resnet-transformers-shrinking-first",
        "efficientnet-lite",
    ]

    private func load(_ name: String) throws -> (any ImageClassifier, SafetensorsFile) {
        let folder = VisionFixtures.models.appending(path: name)
        let model = try ClassifierLoading.load(folder: folder)
        return (model, try Safetensors.open(folder.appending(path: "expected.safetensors")))
    }

    @Test("Logits and features equal the Python reference", arguments: names)
    func logits(name: String) throws {
        let (model, golden) = try load(name)
        let images = try golden.tensor(named: "images")
        try withoutGradient {
            let features = try model.features(images)
            #expect(features.shape == [4, model.featureWidth])
            #expect(
                try VisionFixtures.distance(features, golden.tensor(named: "features")) < 2e-5)
            #expect(
                try VisionFixtures.distance(
                    model.logits(images), golden.tensor(named: "logits")) < 2e-5)
        }
    }

    @Test(
        "Training looks at the batch, counts it, and has the reference's gradients",
        arguments: names)
    func training(name: String) throws {
        let (model, golden) = try load(name)
        model.isTraining = true
        for weight in model.weights { try weight.tensor.requiringGradient() }
        let logits = try model.logits(golden.tensor(named: "images"))
        #expect(
            try VisionFixtures.distance(
                logits.detached(), golden.tensor(named: "training.logits")) < 5e-5)
        try logits.crossEntropy(labels: golden.tensor(named: "labels")).backward()
        for weight in model.weights {
            let expected = try golden.tensor(named: "gradient.\(weight.name)")
            let gradient = try #require(weight.tensor.gradient, "\(weight.name)")
            let scale = 1 + Double(try expected.absolute().maximum().scalar())
            #expect(
                try VisionFixtures.distance(gradient, expected) < 5e-5 * scale, "\(weight.name)")
        }
        #expect(!model.statistics.isEmpty)
        for statistic in model.statistics {
            let expected = try golden.tensor(named: "after.\(statistic.name)")
            #expect(statistic.tensor.type == expected.type)
            #expect(
                try VisionFixtures.distance(statistic.tensor, expected) < 5e-5,
                "\(statistic.name)")
        }
    }

    @Test("Evaluation leaves the statistics as they are, also after training")
    func evaluating() throws {
        let (model, golden) = try load("resnet-basic")
        let images = try golden.tensor(named: "images")
        model.isTraining = true
        model.isTraining = false
        let before = try model.statistics.map { try $0.tensor.copied() }
        let logits = try withoutGradient { try model.logits(images) }
        #expect(try VisionFixtures.distance(logits, golden.tensor(named: "logits")) < 2e-5)
        for (statistic, old) in zip(model.statistics, before) {
            #expect(try statistic.tensor.isEqual(to: old))
        }
    }

    @Test("A model that did not change is saved byte for byte", arguments: names)
    func saving(name: String) throws {
        let folder = VisionFixtures.models.appending(path: name)
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appending(path: "model.safetensors")
        try ClassifierLoading.load(folder: folder).save(weightsTo: copy)
        let original = try Data(contentsOf: folder.appending(path: "model.safetensors"))
        #expect(try Data(contentsOf: copy) == original)
    }

    @Test("The same seed gives the same new model, which loads again", arguments: names)
    func creating(name: String) throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy(name, into: temporary)
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
        let model = try ClassifierLoading.load(folder: folder)
        #expect(model.parameters.map(\.name) == model.header?.entries.map(\.name))
        let (original, _) = try load(name)
        let kept = Set(original.parameters.map(\.name))
        #expect(Set(model.parameters.map(\.name)) == kept)
        let described = try ClassifierLoading.inspect(folder: folder)
        #expect(described.architecture == model.architectureName)
        #expect(described.classCount == 5)
        #expect(
            described.parameterCount == model.parameters.map(\.tensor.count).reduce(0, +))
    }

    @Test("New convolutions spread by their outgoing connections, as torchvision's")
    func initialSpread() throws {
        let model = try ResNet.create(
            ResNetConfiguration(
                classCount: 10, imageSize: 32, stem: .cifar, block: .basic,
                stageChannels: [64, 128], blocksPerStage: [1, 1]),
            generator: Generator(seed: 3))
        let layer = try #require(model.convolutions.first { $0.name == "layer2.0.conv1" })
        #expect(layer.weight.shape == [128, 64, 3, 3])
        let deviation = try layer.weight.square().mean().squareRoot().scalar()
        #expect(abs(deviation - (2.0 / (128 * 9) as Float).squareRoot()) < 1e-3)
        let bound = try model.head.weight.absolute().maximum().scalar()
        #expect(bound <= 1 / (128 as Float).squareRoot())
        #expect(bound > 0.98 / (128 as Float).squareRoot())
        #expect(model.adapterBlocks.isEmpty)
    }

    @Test("A checkpoint from before batches were counted is loaded and trained")
    func withoutCounters() throws {
        let temporary = try TemporaryFolder()
        let folder = try VisionFixtures.copy("resnet-cifar-padded", into: temporary)
        let url = folder.appending(path: "model.safetensors")
        let file = try Safetensors.open(url)
        let kept = file.names.filter { !$0.hasSuffix("num_batches_tracked") }
        try Safetensors.write(kept.map { ($0, try file.tensor(named: $0)) }, to: url)
        let model = try ResNet.load(folder: folder)
        model.isTraining = true
        let golden = try Safetensors.open(folder.appending(path: "expected.safetensors"))
        let logits = try model.logits(golden.tensor(named: "images"))
        #expect(
            try VisionFixtures.distance(logits, golden.tensor(named: "training.logits")) < 5e-5)
        #expect(model.statistics.allSatisfy { $0.role == .statistic })
    }
}
