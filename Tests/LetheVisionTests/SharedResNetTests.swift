import Foundation
import LetheTensor
import LetheVision
import TestSupport
import Testing

/// Real weights on real images; the figures are those of the SOURCE.md beside each model.
@Suite(
    "Shared residual networks",
    .enabled(if: Locations.hasSharedData, Comment(rawValue: Locations.sharedDataReason)),
    .serialized)
struct SharedResNetTests {
    @Test(
        "Top-1 on the whole test split equals the recorded figure",
        arguments: [
            ("resnet20-cifar10", "cifar10-subset", 1832),
            ("resnet32-cifar100", "cifar100-subset", 1430),
        ])
    func accuracy(name: String, data: String, correct: Int) throws {
        let folder = Locations.sharedData.appending(path: name)
        let model = try ClassifierLoading.load(folder: folder)
        let dataset = try ImageDataset.open(Locations.sharedData.appending(path: data))
        let samples = try #require(dataset.splits["test"])
        #expect(samples.count == 2000)
        let result = try evaluate(
            model, dataset: dataset, samples: samples,
            preprocessor: ImagePreprocessor(folder: folder), batchSize: 100)
        #expect(result.correctCount == correct)
    }

    @Test(
        "Shared models are saved byte for byte",
        arguments: ["resnet20-cifar10", "resnet32-cifar100"])
    func saving(name: String) throws {
        let folder = Locations.sharedData.appending(path: name)
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appending(path: "model.safetensors")
        try ClassifierLoading.load(folder: folder).save(weightsTo: copy)
        let original = try Data(contentsOf: folder.appending(path: "model.safetensors"))
        #expect(try Data(contentsOf: copy) == original)
    }
}
