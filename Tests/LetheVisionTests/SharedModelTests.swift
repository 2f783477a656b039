import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

/// What scripts/golden/vision_logits.py recorded for a model.
struct RecordedLogits: Decodable {
    let count: Int
    let correct: Int
    let indices: [Int]
    let labels: [Int]
    let predictions: [Int]
    let logits: [[Float]]

    static func read(_ model: String) throws -> RecordedLogits {
        let file = VisionFixtures.folder.appending(path: "logits/\(model).json")
        return try JSONDecoder().decode(RecordedLogits.self, from: Data(contentsOf: file))
    }
}

/// A model of the shared data folder with its dataset.
struct SharedModel {
    let model: VisionTransformer
    let preprocessor: ImagePreprocessor
    let dataset: ImageDataset
    let test: [Sample]

    static let datasets = [
        "vit-s14-lfw62": "lfw62-112", "vit-s14-cifar100": "cifar100-subset",
        "vit-cifar10": "cifar10-subset",
    ]

    init(_ name: String) throws {
        let folder = Locations.sharedData.appending(path: name)
        preprocessor = try ImagePreprocessor(folder: folder)
        if name == "vit-s14-cifar100" {
            let merged = try TemporaryFolder()
            try SharedModel.mergeDelta(of: folder, into: merged.url)
            model = try VisionTransformer.load(folder: merged.url)
        } else {
            model = try VisionTransformer.load(folder: folder)
        }
        let source = SharedModel.datasets[name].map { Locations.sharedData.appending(path: $0) }
        dataset = try ImageDataset.open(
            source ?? Locations.fashionMNIST, classCount: model.configuration.classCount)
        test = try #require(dataset.splits["test"])
    }

    /// The CIFAR-100 model is stored as the tensors that differ from those of the faces model.
    private static func mergeDelta(of folder: URL, into target: URL) throws {
        let base = try Safetensors.open(
            Locations.sharedData.appending(path: "vit-s14-lfw62/model.safetensors"))
        let delta = try Safetensors.open(folder.appending(path: "delta.safetensors"))
        let tensors = try base.names.map { name in
            (name, try (delta.contains(name) ? delta : base).tensor(named: name))
        }
        try Safetensors.write(
            tensors, metadata: ["format": "pt"], to: target.appending(path: "model.safetensors"))
        try FileManager.default.copyItem(
            at: folder.appending(path: "config.json"), to: target.appending(path: "config.json"))
    }

    func evaluated(_ samples: [Sample]) throws -> EvaluationResult {
        try evaluate(
            model, dataset: dataset, samples: samples, preprocessor: preprocessor, batchSize: 32)
    }
}

/// Real weights on real images.
///
/// Recorded figures are those of the SOURCE.md beside each model.
@Suite(
    "Shared models",
    .enabled(if: Locations.hasSharedData, Comment(rawValue: Locations.sharedDataReason)),
    .serialized)
struct SharedModelTests {
    static let models = [
        "vit-fashion-mnist-own", "vit-cifar10", "vit-s14-cifar100", "vit-s14-lfw62",
    ].filter { Locations.hasFashionMNIST || $0 != "vit-fashion-mnist-own" }

    @Test("Logits of 64 real images equal transformers' within 1e-4", arguments: models)
    func logits(name: String) throws {
        let recorded = try RecordedLogits.read(name)
        let shared = try SharedModel(name)
        #expect(shared.test.count == recorded.count)
        #expect(recorded.indices.map { shared.test[$0].label } == recorded.labels)
        let images = try Tensor.stacked(
            recorded.indices.map {
                try shared.preprocessor(shared.dataset.image(of: shared.test[$0]))
            })
        let logits = try withoutGradient { try shared.model.logits(images) }
        let expected = try Tensor(recorded.logits.flatMap { $0 }, shape: logits.shape)
        #expect(try VisionFixtures.distance(logits, expected) < 1e-4)
    }

    // SOURCE.md: 477 of 522, 1,423 of 2,000 and 8,512 of 10,000; 0.2 points are 1, 4 and 20 images.
    @Test(
        "Top-1 on the whole test split equals the recorded figure",
        arguments: [
            ("vit-fashion-mnist-own", 8512, 20), ("vit-cifar10", 1423, 4),
            ("vit-s14-lfw62", 477, 1),
        ].filter { models.contains($0.0) })
    func accuracy(name: String, correct: Int, tolerance: Int) throws {
        let shared = try SharedModel(name)
        let result = try shared.evaluated(shared.test)
        #expect(abs(result.correctCount - correct) <= tolerance, "\(result.correctCount)")
        #expect(result.classes.map(\.total).reduce(0, +) == shared.test.count)
        #expect(try result.correctCount == RecordedLogits.read(name).correct)
    }

    @Test(
        "Top-1 of the CIFAR-100 model on the whole test split equals the recorded figure",
        .enabled(
            if: ProcessInfo.processInfo.environment["LETHE_LONG_TESTS"] == "1",
            "takes a minute; set LETHE_LONG_TESTS=1"))
    func longAccuracy() throws {
        let shared = try SharedModel("vit-s14-cifar100")
        let result = try shared.evaluated(shared.test)
        #expect(abs(result.correctCount - 1261) <= 4, "\(result.correctCount)")
    }

    @Test("Shared models are saved byte for byte", arguments: ["vit-s14-lfw62", "vit-cifar10"])
    func saving(name: String) throws {
        let folder = Locations.sharedData.appending(path: name)
        let temporary = try TemporaryFolder()
        let copy = temporary.url.appending(path: "model.safetensors")
        try VisionTransformer.load(folder: folder).save(weightsTo: copy)
        let original = try Data(contentsOf: folder.appending(path: "model.safetensors"))
        #expect(try Data(contentsOf: copy) == original)
    }

    @Test(
        "Every image of the shared archives decodes, and every dataset has the recorded size",
        arguments: [
            ("imagenette-224", 300, 10), ("imagenet-sample-1000", 1000, 1000),
            ("lfw62-112", 1633, 62),
        ])
    func archives(name: String, count: Int, classes: Int) throws {
        let dataset = try ImageDataset.open(Locations.sharedData.appending(path: name))
        #expect(dataset.format == .tar)
        #expect(dataset.classCount == classes)
        #expect(dataset.classNames?.count == classes)
        let samples = try #require(dataset.splits["train"] ?? dataset.splits["all"])
        #expect(samples.count == count)
        for sample in samples.enumerated().filter({ $0.offset % 20 == 0 }).map(\.element) {
            #expect(try dataset.image(of: sample).channels == 3)
        }
    }
}
