import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheForgetting

/// A small made-up problem on disk: six classes of noisy 8 x 8 patterns as IDX files, and a folder
/// with the configuration of a tiny ViT for them.
struct TinyProblem {
    static let classCount = 6
    private static let side = 8

    let folder: TemporaryFolder
    var dataset: DatasetLocation { DatasetLocation(url: folder.url.appending(path: "data")) }
    var model: URL { folder.url.appending(path: "model") }
    let place = RunPlace(threads: 1)

    /// - Parameter limits: Classes of which there are at most so many training samples.
    init(trainPerClass: Int = 40, testPerClass: Int = 50, limits: [Int: Int] = [:]) throws {
        folder = try TemporaryFolder()
        for name in ["data", "model"] {
            try FileManager.default.createDirectory(
                at: folder.url.appending(path: name), withIntermediateDirectories: true)
        }
        try write("train", perClass: trainPerClass, seed: 1, limits: limits)
        try write("t10k", perClass: testPerClass, seed: 2)
        try Data(Self.configuration.utf8).write(to: model.appending(path: "config.json"))
        try Data(Self.preprocessing.utf8)
            .write(to: model.appending(path: "preprocessor_config.json"))
    }

    /// Samples of all classes in turn; a pixel is its pattern's or, one time in five, noise.
    private func write(
        _ name: String, perClass: Int, seed: UInt64, limits: [Int: Int] = [:]
    ) throws {
        var patternSource = SplitMix64(seed: 77)
        let area = Self.side * Self.side
        let patterns = (0..<Self.classCount).map { _ in
            (0..<area).map { _ in UInt8(truncatingIfNeeded: patternSource.next()) }
        }
        var source = SplitMix64(seed: seed)
        var pixels: [UInt8] = []
        var labels: [UInt8] = []
        for index in 0..<perClass * Self.classCount {
            let label = index % Self.classCount
            if index / Self.classCount >= limits[label] ?? perClass { continue }
            labels.append(UInt8(label))
            for pixel in patterns[label] {
                let noise = UInt8(truncatingIfNeeded: source.next())
                pixels.append(source.below(5) == 0 ? noise : pixel)
            }
        }
        let count = Self.bigEndian(labels.count)
        let side = Self.bigEndian(Self.side)
        let data = folder.url.appending(path: "data")
        try Data([0, 0, 8, 3] + count + side + side + pixels)
            .write(to: data.appending(path: "\(name)-images-idx3-ubyte"))
        try Data([0, 0, 8, 1] + count + labels)
            .write(to: data.appending(path: "\(name)-labels-idx1-ubyte"))
    }

    private static func bigEndian(_ value: Int) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
    }

    private static let configuration = """
        {"architectures": ["ViTForImageClassification"], "model_type": "vit", "image_size": 8,
         "patch_size": 4, "num_channels": 1, "hidden_size": 32, "num_hidden_layers": 3,
         "num_attention_heads": 2, "intermediate_size": 64, "hidden_act": "gelu",
         "layer_norm_eps": 1e-06, "qkv_bias": true, "initializer_range": 0.1,
         "id2label": {"0": "a", "1": "b", "2": "c", "3": "d", "4": "e", "5": "f"}}
        """

    private static let preprocessing = """
        {"do_resize": false, "size": {"height": 8, "width": 8}, "do_rescale": true,
         "rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.5],
         "image_std": [0.5]}
        """

    func trainTask(
        epochs: Int = 12, excluded: [Int] = [], to name: String = "trained",
        parameters: [String: JSONValue] = [:]
    ) -> TrainTask {
        let basics: [String: JSONValue] = [
            "epochCount": .number(Double(epochs)), "batchSize": 24, "learningRate": 0.003,
            "flips": false, "shiftPixels": 0, "validationInterval": 5,
        ]
        let recipe = Recipe(
            name: "tiny", method: "train", description: "",
            parameters: .object(basics.merging(parameters) { $1 }))
        return TrainTask(
            modelFolder: model, dataset: dataset, excludedClasses: excluded, recipe: recipe,
            seed: 5, place: place,
            checkpointFolder: folder.url.appending(path: "checkpoints-\(name)"),
            weightsFile: folder.url.appending(path: "\(name).safetensors"))
    }

    /// Trained weights for this problem, made once for all tests.
    private static let trainedWeights = Task {
        let problem = try TinyProblem()
        let task = problem.trainTask()
        _ = try await ForgettingEngine().train(task) { _ in }
        return try Data(contentsOf: task.weightsFile)
    }

    /// Puts trained weights into the model's folder.
    func train() async throws {
        try await Self.trainedWeights.value
            .write(to: model.appending(path: "model.safetensors"))
    }

    func request(_ classes: [Int]) throws -> ForgetRequest {
        try ForgetRequest(
            model: "tiny", received: #require(Timestamp("2026-01-01T00:00:00Z")), classes: classes,
            dataset: DatasetReference(name: "tiny", digest: Digest(hashing: [1])), sampleCount: 32,
            commitment: Digest(hashing: [2]), reference: nil)
    }

    func forgetTask(
        _ classes: [Int] = [2], earlier: [[Int]] = [], to name: String = "delta", seed: Int = 5,
        parameters: [String: JSONValue] = [:]
    ) throws -> ForgetTask {
        let basics: [String: JSONValue] = [
            "stepCount": 60, "forgetBatchSize": 8, "retainBatchSize": 20, "flips": false,
            "retainSamplesPerClass": 16, "mixedShare": 0.3, "forgetBound": 3, "rampSteps": 10,
            "forgetDistillationWeight": 0, "retainDistillationWeight": 2, "minimumStepCount": 20,
        ]
        let recipe = Recipe(
            name: "tiny", method: "gs-lora", description: "",
            parameters: .object(basics.merging(parameters) { $1 }))
        return ForgetTask(
            modelFolder: model, dataset: dataset, request: try request(classes),
            earlierRequests: try earlier.map(request), recipe: recipe, seed: seed, place: place,
            checkpointFolder: folder.url.appending(path: "checkpoints-\(name)"),
            deltaFile: folder.url.appending(path: "\(name).safetensors"),
            weightsFile: folder.url.appending(path: "\(name)-weights.safetensors"))
    }
}

extension TinyProblem {
    /// A request honoured by a method that changes weights as they are.
    func weightTask(
        _ method: String, forgetting classes: [Int] = [2], to name: String? = nil, seed: Int = 5,
        _ parameters: [String: JSONValue] = [:]
    ) throws -> ForgetTask {
        var task = try forgetTask(classes, to: name ?? method, seed: seed)
        let basics: [String: JSONValue] = [
            "batchSize": 24, "flips": false, "validationInterval": 5,
        ]
        task.recipe = Recipe(
            name: "tiny", method: method, description: "",
            parameters: .object(basics.merging(parameters) { $1 }))
        return task
    }
}

/// The digest of a file's bytes.
func digest(of url: URL) throws -> Digest {
    Digest(hashing: try Data(contentsOf: url))
}
