import Foundation
import LetheRecords
import LetheTensor

/// Eight patterns of 8 x 8 pixels, half of them replaced by noise: small models learn them in
/// seconds, and a model that never saw a pattern cannot tell it from a few images.
struct MadeUpProblem {
    static let classCount = 8
    static let forgotten = [2, 5]
    private static let area = 64
    private static let imagesPerClass = 60

    /// Pixels in order of the classes in turn, and their labels.
    struct Split {
        var pixels: [UInt8] = []
        var labels: [Int] = []

        /// [images, 1, 8, 8], as the preprocessing of the models makes them.
        func images() throws(LetheError) -> Tensor {
            try Tensor(
                pixels.map { (Float($0) / 255 - 0.5) / 0.5 }, shape: [labels.count, 1, 8, 8])
        }

        /// The positions of the images of some classes.
        func positions(_ classes: (Int) -> Bool) -> [Int] {
            labels.indices.filter { classes(labels[$0]) }
        }
    }

    let training: Split
    let test: Split

    init(seed: Int) {
        var random = SplitMix64(seed: UInt64(bitPattern: Int64(seed)))
        let patterns = (0..<Self.classCount).map { _ in
            (0..<Self.area).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        }
        training = Self.split(patterns, &random)
        test = Self.split(patterns, &random)
    }

    private static func split(_ patterns: [[UInt8]], _ random: inout SplitMix64) -> Split {
        var split = Split()
        for index in 0..<imagesPerClass * classCount {
            let label = index % classCount
            split.labels.append(label)
            for pixel in patterns[label] {
                let noise = UInt8(truncatingIfNeeded: random.next())
                split.pixels.append(Bool.random(using: &random) ? noise : pixel)
            }
        }
        return split
    }

    /// SHA-256 of all pixels and labels.
    var digest: Digest {
        let splits = [training, test]
        return Digest(
            hashing: splits.flatMap { $0.pixels + $0.labels.map { UInt8(truncatingIfNeeded: $0) } })
    }

    /// Writes both splits as IDX files; `leaking` puts the test images among the training images.
    func write(to folder: URL, leaking: Bool = false) throws(LetheError) {
        var training = training
        if leaking {
            training.pixels += test.pixels
            training.labels += test.labels
        }
        try Self.write(training, "train", to: folder)
        try Self.write(test, "t10k", to: folder)
    }

    private static func write(
        _ split: Split, _ prefix: String, to folder: URL
    ) throws(LetheError) {
        func word(_ value: Int) -> [UInt8] {
            [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
        }
        let count = word(split.labels.count)
        try PlainFile.write(
            [0, 0, 8, 3] + count + word(8) + word(8) + split.pixels,
            to: folder.appending(path: "\(prefix)-images-idx3-ubyte"))
        try PlainFile.write(
            [0, 0, 8, 1] + count + split.labels.map { UInt8($0) },
            to: folder.appending(path: "\(prefix)-labels-idx1-ubyte"))
    }

    /// A small vision transformer for the problem, without weights.
    static func writeConfiguration(to folder: URL) throws(LetheError) {
        let names = (0..<classCount).map { "\"\($0)\": \"\($0)\"" }.joined(separator: ",")
        let configuration = """
            {"architectures": ["ViTForImageClassification"], "model_type": "vit", "image_size": 8,
             "patch_size": 4, "num_channels": 1, "hidden_size": 16, "num_hidden_layers": 2,
             "num_attention_heads": 2, "intermediate_size": 32, "hidden_act": "gelu",
             "layer_norm_eps": 1e-06, "qkv_bias": true, "initializer_range": 0.1,
             "id2label": {\(names)}}
            """
        let preprocessing = """
            {"do_resize": false, "size": {"height": 8, "width": 8}, "do_rescale": true,
             "rescale_factor": 0.00392156862745098, "do_normalize": true, "image_mean": [0.5],
             "image_std": [0.5]}
            """
        try PlainFile.write(Array(configuration.utf8), to: folder.appending(path: "config.json"))
        try PlainFile.write(
            Array(preprocessing.utf8), to: folder.appending(path: "preprocessor_config.json"))
    }
}

/// Files of the proving ground.
enum PlainFile {
    /// Writes bytes and makes the folder that they belong into.
    static func write(_ bytes: [UInt8], to url: URL) throws(LetheError) {
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(bytes).write(to: url)
        } catch {
            throw LetheError(
                code: .io, message: "\(url.lastPathComponent) cannot be written.",
                remedy: "See that there is space in the temporary folder.", cause: error)
        }
    }
}
