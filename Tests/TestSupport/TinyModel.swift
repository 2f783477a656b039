public import Foundation
internal import LetheRecords

/// A model of four classes and a few hundred bytes: an F32 classifier and an F16 layer.
public enum TinyModel {
    /// The only architecture that `FakeEngine` knows.
    public static let architecture = "Tiny"
    /// How many classes the head has.
    public static let classCount = 4
    /// The class names, by label; they look like people, who must not be remembered.
    public static let classNames = ["ada-0001", "bob-0002", "cleo-0003", "dora-0004"]
    /// The file of the weights.
    public static let weightsName = "model.safetensors"

    /// Writes `config.json`, `preprocessor_config.json` and `model.safetensors`.
    ///
    /// - Parameters:
    ///   - shift: Moves a weight that no class depends on, so that the files differ.
    ///   - paddingSizeBytes: The length of a tensor that nobody looks at; a multiple of 4.
    public static func write(
        to folder: URL, shift: Float = 0, paddingSizeBytes: Int = 0
    ) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try TinyFiles.write(Array(configuration.utf8), to: folder.appending(path: "config.json"))
        try TinyFiles.write(
            Array("{\n  \"size\": 8\n}\n".utf8),
            to: folder.appending(path: "preprocessor_config.json"))
        try TinyFiles.write(
            weights(shift: shift, paddingSizeBytes: paddingSizeBytes),
            to: folder.appending(path: weightsName))
    }

    /// The bytes of the weights: every class is recognised.
    static func weights(shift: Float, paddingSizeBytes: Int = 0) -> [UInt8] {
        let classifier = (0..<classCount).flatMap { label -> [Float] in
            [1, Float(label) / 4, -0.5, 0.125 + shift]
        }
        let dense = (0..<15).map { Float($0) / 8 - 1 }
        // Doubled, not made byte by byte, which takes a debug build a minute for 128 MiB.
        var padding = (0..<min(paddingSizeBytes, 1 << 16)).map {
            UInt8(truncatingIfNeeded: $0 >> 8 ^ $0)
        }
        while padding.count < paddingSizeBytes {
            padding += padding.prefix(paddingSizeBytes - padding.count)
        }
        return file(
            [
                ("classifier.weight", "F32", [classCount, 4], bytes(of: classifier)),
                ("encoder.dense.weight", "F16", [3, 5], halves(of: dense)),
            ] + (padding.isEmpty ? [] : [("padding", "I8", [padding.count], padding)]),
            metadata: ["format": "pt"])
    }

    /// A delta of rank one on both layers.
    static func delta(forgetting classes: [Int], strength: Float, seed: Int) -> [UInt8] {
        let up = (0..<classCount).map { classes.contains($0) ? -strength : 0 }
        let small = Float(seed % 7) / 64
        let prefix = "base_model.model."
        return file(
            [
                ("\(prefix)classifier.lora_A.weight", "F32", [1, 4], bytes(of: [1, 0, 0, 0])),
                ("\(prefix)classifier.lora_B.weight", "F32", [classCount, 1], bytes(of: up)),
                (
                    "\(prefix)encoder.dense.lora_A.weight", "F32", [1, 5],
                    bytes(of: [1, 2, 3, 4, 5])
                ),
                (
                    "\(prefix)encoder.dense.lora_B.weight", "F32", [3, 1],
                    bytes(of: [small, -small, small])
                ),
            ], metadata: ["format": "pt", "rank": "1", "scale": "1.0"])
    }

    static func environment(_ place: RunPlace) -> RunEnvironment {
        RunEnvironment(
            lethe: "test", libTorch: "none", device: place.device, threads: place.threads)
    }

    private static var configuration: String {
        let names = classNames.enumerated().map { "    \"\($0)\": \"\($1)\"" }
        let labels = classNames.enumerated().map { "    \"\($1)\": \($0)" }
        return """
            {
              "architectures": ["\(architecture)"],
              "id2label": {
            \(names.joined(separator: ",\n"))
              },
              "label2id": {
            \(labels.joined(separator: ",\n"))
              }
            }

            """
    }

    static func file(
        _ tensors: [(name: String, type: String, shape: [Int], bytes: [UInt8])],
        metadata: [String: String]
    ) -> [UInt8] {
        let data = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.bytes) })
        let layout = try? SafetensorsHeader.layOut(
            tensors.map { (name: $0.name, elementType: $0.type, shape: $0.shape) })
        let entries = layout ?? []
        return SafetensorsHeader.encode(entries, metadata: metadata)
            + entries.flatMap { data[$0.name] ?? [] }
    }

    private static func bytes(of values: [Float]) -> [UInt8] {
        values.flatMap { value in
            (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> ($0 * 8)) }
        }
    }

    private static func halves(of values: [Float]) -> [UInt8] {
        values.flatMap { value in
            let bits = Float16(value).bitPattern
            return [UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8)]
        }
    }
}

/// The weights of a tiny model, read back from a file.
struct TinyWeights {
    let classCount: Int
    let parameterCount: Int
    private let firstColumn: [Float]

    init(reading url: URL) throws(LetheError) {
        let bytes = try TinyFiles.read(url)
        let header = try SafetensorsHeader(parsing: bytes, fileSizeBytes: bytes.count)
        guard let entry = header["classifier.weight"], entry.shape.count == 2,
            entry.elementType == "F32"
        else {
            throw LetheError(code: .unsupported, message: "The model has no classifier.weight.")
        }
        let width = entry.shape[1]
        classCount = entry.shape[0]
        parameterCount = header.entries.reduce(0) { $0 + $1.shape.reduce(1, *) }
        let start = header.headerSizeBytes + entry.dataRange.lowerBound
        firstColumn = (0..<entry.shape[0]).map { row in
            let offset = start + row * width * 4
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[offset + $1]) << ($1 * 8) }
            return Float(bitPattern: bits)
        }
    }

    /// Whether samples of a class get their own label.
    func recognises(_ label: Int) -> Bool {
        firstColumn.indices.contains(label) && firstColumn[label] > 0
    }
}

/// Reading and writing whole small files with the project's error type.
enum TinyFiles {
    static func read(_ url: URL) throws(LetheError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: url))
        } catch {
            throw LetheError(code: .io, message: "\(url.path) cannot be read.", cause: error)
        }
    }

    static func write(_ bytes: [UInt8], to url: URL) throws(LetheError) {
        do {
            try Data(bytes).write(to: url)
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw LetheError(
                code: isFull ? .diskFull : .io, message: "\(url.path) cannot be written.",
                cause: error)
        }
    }
}
