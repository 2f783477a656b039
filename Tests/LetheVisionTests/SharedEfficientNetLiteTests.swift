import Foundation
import LetheTensor
import LetheVision
import TestSupport
import Testing

/// The fetched EfficientNet-Lite0 on real images; the figures are those of the SOURCE.md beside
/// the images.
@Suite(
    "EfficientNet-Lite0",
    .enabled(if: Locations.hasSharedData, Comment(rawValue: Locations.sharedDataReason)),
    .enabled(
        if: Locations.hasEfficientNetLite,
        "needs .models/efficientnet-lite0; scripts/get-efficientnet-lite makes it"),
    .serialized)
struct SharedEfficientNetLiteTests {
    private func predictions(_ data: String, split: String) throws -> EvaluationResult {
        let dataset = try ImageDataset.open(Locations.sharedData.appending(path: data))
        let model = try ClassifierLoading.load(folder: Locations.efficientNetLite)
        return try evaluate(
            model, dataset: dataset, samples: #require(dataset.splits[split]),
            preprocessor: ImagePreprocessor(folder: Locations.efficientNetLite), batchSize: 20)
    }

    // 65.5 % of 200.
    @Test("Top-1 over 1,000 classes on Imagenette equals the recorded figure")
    func imagenette() throws {
        let result = try predictions("imagenette-224", split: "val")
        #expect(result.labels.count == 200)
        let classes = try imageNetClasses()
        #expect(classes.count == 10)
        let correct = zip(result.predictions, result.labels).count { classes[$1] == $0 }
        #expect(correct == 131)
    }

    /// Which ImageNet class each label of Imagenette is: label and imagenet_index of index.tsv.
    private func imageNetClasses() throws -> [Int: Int] {
        let index = Locations.sharedData.appending(path: "imagenette-224/index.tsv")
        let rows = try String(contentsOf: index, encoding: .utf8).split(separator: "\n")
        let pairs = rows.dropFirst().compactMap { row -> (Int, Int)? in
            let columns = row.split(separator: "\t")
            guard let label = Int(columns[1]), let number = Int(columns[2]) else { return nil }
            return (label, number)
        }
        return Dictionary(pairs) { first, _ in first }
    }

    @Test(
        "Top-1 on one image of each ImageNet class equals the recorded figure",
        .enabled(
            if: ProcessInfo.processInfo.environment["LETHE_LONG_TESTS"] == "1",
            "takes a minute; set LETHE_LONG_TESTS=1"))
    func imageNetSample() throws {
        let result = try predictions("imagenet-sample-1000", split: "all")
        #expect(result.labels.count == 1000)
        #expect(result.correctCount == 841)
    }

    @Test("The fetched model is saved byte for byte")
    func saving() throws {
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appending(path: "model.safetensors")
        try ClassifierLoading.load(folder: Locations.efficientNetLite).save(weightsTo: copy)
        let original = try Data(
            contentsOf: Locations.efficientNetLite.appending(path: "model.safetensors"))
        #expect(try Data(contentsOf: copy) == original)
    }
}
