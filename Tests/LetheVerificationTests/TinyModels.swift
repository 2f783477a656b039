import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport

/// A folder with models that always give one answer, and with small grey pictures.
struct TinyModels {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    /// A ViT over 8 x 8 grey pictures; its head ignores the picture and answers one class.
    ///
    /// - Returns: The folder and the digest of its weights file.
    func model(
        _ name: String, answer: Int, classCount: Int = 4
    ) throws -> (url: URL, weights: Digest) {
        let url = folder.url.appending(path: name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try configuration(classCount: classCount)
            .write(to: url.appending(path: "config.json"), atomically: true, encoding: .utf8)
        try preprocessing.write(
            to: url.appending(path: "preprocessor_config.json"), atomically: true,
            encoding: .utf8)
        let model = try VisionTransformer.create(
            VisionTransformerConfiguration(folder: url), generator: Generator(seed: 1))
        let file = url.appending(path: "model.safetensors")
        try Safetensors.write(
            try model.parameters.map { ($0.name, try headless($0, answer: answer)) },
            metadata: ["format": "pt"], to: file)
        return (url, Digest(hashing: [UInt8](try Data(contentsOf: file))))
    }

    private func headless(_ parameter: NamedTensor, answer: Int) throws -> Tensor {
        switch parameter.name {
        case "classifier.weight": return try Tensor(zeros: parameter.tensor.shape)
        case "classifier.bias":
            let scores = (0..<parameter.tensor.count).map { $0 == answer ? Float(1) : 0 }
            return try Tensor(scores, shape: parameter.tensor.shape)
        default: return parameter.tensor
        }
    }

    private func configuration(classCount: Int) -> String {
        let names = (0..<classCount).map { "\"\($0)\": \"class \($0)\"" }.joined(separator: ",")
        return """
            {"architectures": ["ViTForImageClassification"], "model_type": "vit",
             "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
             "intermediate_size": 16, "hidden_act": "gelu", "layer_norm_eps": 1e-12,
             "image_size": 8, "patch_size": 4, "num_channels": 1, "qkv_bias": true,
             "initializer_range": 0.02, "id2label": {\(names)}}
            """
    }

    private let preprocessing = """
        {"image_processor_type": "ViTImageProcessor", "do_resize": true,
         "size": {"height": 8, "width": 8}, "resample": 2, "do_rescale": true,
         "rescale_factor": 0.00392156862745098, "do_normalize": true,
         "image_mean": [0.5], "image_std": [0.5]}
        """

    /// IDX files with a training split of one picture a class and a test split as asked.
    func pictures(_ name: String, testCounts: [Int]) throws -> URL {
        let url = folder.url.appending(path: name)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        try writeSplit("train", labels: Array(0..<testCounts.count), to: url)
        let labels = testCounts.enumerated().flatMap { label, count in
            Array(repeating: label, count: count)
        }
        try writeSplit("t10k", labels: labels, to: url)
        return url
    }

    private func writeSplit(_ prefix: String, labels: [Int], to url: URL) throws {
        let count = [UInt8(0), 0, UInt8(labels.count >> 8), UInt8(labels.count & 255)]
        let images = [0, 0, 8, 3] + count + [0, 0, 0, 8, 0, 0, 0, 8]
        // Training images differ from test images, as the judge refuses those it was trained on.
        let shift = prefix == "train" ? 1 : 0
        let pixels = labels.flatMap { label in
            (0..<64).map { UInt8(truncatingIfNeeded: $0 * 3 + label * 40 + shift) }
        }
        try Data(images + pixels).write(to: url.appending(path: "\(prefix)-images-idx3-ubyte"))
        try Data([0, 0, 8, 1] + count + labels.map { UInt8($0) })
            .write(to: url.appending(path: "\(prefix)-labels-idx1-ubyte"))
    }
}
