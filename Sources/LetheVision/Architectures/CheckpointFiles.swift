import Foundation
import LetheRecords
import LetheTensor

/// The safetensors file or files of a model folder.
struct CheckpointFiles {
    /// Every tensor of the model, in the order of the data.
    let entries: [SafetensorsHeader.Entry]
    /// The header, if there is a single file whose tensors are all stored as they are.
    let singleHeader: SafetensorsHeader?

    private let quantized: QuantizedTensors
    private let files: [SafetensorsFile]
    private var roles: [String: NamedTensor.Role] = [:]

    /// Opens the files and checks names, shapes and types against what the configuration describes.
    ///
    /// - Throws: `malformed`, `unsupported`, `notFound`, `refused` for a pickle.
    init(folder: URL, specifications: [ParameterSpecification]) throws(LetheError) {
        try self.init(folder: folder)
        try check(against: specifications)
    }

    private init(folder: URL) throws(LetheError) {
        let single = folder.appending(path: "model.safetensors")
        let index = folder.appending(path: "model.safetensors.index.json")
        if FileReading.exists(single) {
            files = [try Safetensors.open(single)]
        } else if FileReading.exists(index) {
            files = try Self.shards(of: index, in: folder)
        } else {
            throw Self.missing(in: folder)
        }
        let all = files.flatMap { $0.header.entries }
        let quantized = QuantizedTensors(all)
        self.quantized = quantized
        entries = all.filter { !quantized.companions.contains($0.name) }
        singleHeader = files.count == 1 && entries.count == all.count ? files[0].header : nil
        guard Set(all.map(\.name)).count == all.count else {
            throw LetheError(
                code: .malformed, message: "Two shards of the checkpoint hold the same tensor.",
                remedy: "Fetch the model again.")
        }
    }

    /// How many numbers there are; the headers' check has shown that the sum does not overflow.
    var parameterCount: Int { entries.reduce(0) { $0 + $1.shape.reduce(1, *) } }

    /// Every tensor, in the order of the data: floating point ones as float32, integers with scales
    /// multiplied out, counters as they are.
    func parameters(on device: Device) throws(LetheError) -> [NamedTensor] {
        var parameters: [NamedTensor] = []
        for entry in entries {
            let stored = try weight(entry)
            let computed = stored.type.isFloatingPoint ? try stored.converted(to: .float32) : stored
            parameters.append(
                NamedTensor(
                    name: entry.name, tensor: try computed.moved(to: device),
                    storedType: stored.type, role: roles[entry.name] ?? .passenger))
        }
        return parameters
    }

    private func weight(_ entry: SafetensorsHeader.Entry) throws(LetheError) -> Tensor {
        let stored = try tensor(named: entry.name)
        guard QuantizedTensors.isInteger(entry) else { return stored }
        return try QuantizedTensors.product(
            stored.reshaped(Array(stored.shape.dropFirst())),
            tensor(named: entry.name + QuantizedTensors.scaleSuffix))
    }

    private func tensor(named name: String) throws(LetheError) -> Tensor {
        for file in files where file.contains(name) { return try file.tensor(named: name) }
        throw LetheError(code: .notFound, message: "The checkpoint has no tensor \(name).")
    }

    /// Refuses a checkpoint that is not exactly what the configuration describes.
    private mutating func check(
        against specifications: [ParameterSpecification]
    ) throws(LetheError) {
        let expected = Dictionary(specifications.map { ($0.name, $0) }) { first, _ in first }
        roles = expected.mapValues(\.role)
        let present = Set(entries.map(\.name))
        // Old versions of torch did not count batches.
        let missing = specifications.filter { $0.role != .passenger && $0.role != .counter }
            .map(\.name).filter { !present.contains($0) }
        let unexpected = entries.map(\.name).filter { expected[$0] == nil }
        guard missing.isEmpty, unexpected.isEmpty else {
            let parts = [("missing", missing), ("unexpected", unexpected)]
                .filter { !$0.1.isEmpty }
                .map { "\($0.0): \(Self.shortened($0.1))" }
            throw LetheError(
                code: .malformed,
                message: "The weights do not fit config.json; \(parts.joined(separator: "; ")).",
                remedy: "Use the config.json that came with the weights.")
        }
        for entry in entries {
            if let shape = expected[entry.name]?.shape, quantized.fits(entry, shape: shape) {
                continue
            }
            try Self.check(entry, expected[entry.name])
        }
    }

    private static func check(
        _ entry: SafetensorsHeader.Entry, _ specification: ParameterSpecification?
    ) throws(LetheError) {
        if let shape = specification?.shape, shape != entry.shape {
            throw LetheError(
                code: .malformed,
                message: "The tensor \(entry.name) has the shape \(entry.shape), but config.json "
                    + "describes \(shape).",
                remedy: "Use the config.json that came with the weights.")
        }
        let types: [ElementType] =
            specification?.role == .counter ? [.int64] : [.float32, .float16, .bfloat16]
        guard types.contains(where: { $0.rawValue == entry.elementType }) else {
            throw LetheError(
                code: .unsupported,
                message: "The tensor \(entry.name) has the type \(entry.elementType).",
                remedy: "Use a checkpoint in float32, float16 or bfloat16 (counters in int64).")
        }
    }

    private static func shortened(_ names: [String]) -> String {
        let shown = names.prefix(5).joined(separator: ", ")
        return names.count > 5 ? "\(shown) and \(names.count - 5) more" : shown
    }

    /// Opens the shards that an index names; they must lie beside it.
    private static func shards(
        of index: URL, in folder: URL
    ) throws(LetheError) -> [SafetensorsFile] {
        let map = try ConfigurationFile.read(index)["weight_map"]?.objectValue ?? [:]
        let names = Set(map.values.compactMap(\.stringValue)).sorted()
        guard !names.isEmpty, names.allSatisfy({ isPlainFileName($0) }) else {
            throw LetheError(
                code: .malformed,
                message: "\(index.lastPathComponent) does not name files beside it.",
                remedy: "Fetch the model again.")
        }
        var files: [SafetensorsFile] = []
        for name in names { files.append(try Safetensors.open(folder.appending(path: name))) }
        return files
    }

    private static func isPlainFileName(_ name: String) -> Bool {
        // Byte by byte: "/" with a combining mark after it is another character for Swift.
        name.hasSuffix(".safetensors") && !name.hasPrefix(".")
            && !name.utf8.contains(UInt8(ascii: "/"))
    }

    private static func missing(in folder: URL) -> LetheError {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let pickle = names.sorted().first { name in
            [".pth", ".pt", ".bin", ".ckpt", ".pkl"].contains { name.hasSuffix($0) }
        }
        guard let pickle else {
            return LetheError(
                code: .notFound,
                message: "There is no model.safetensors in \(folder.lastPathComponent).",
                remedy: "Give the folder that holds config.json and model.safetensors.")
        }
        return LetheError(
            code: .refused,
            message: "\(pickle) is a Python pickle, which can run code when it is opened.",
            remedy: "Convert it: python -c \"import torch, safetensors.torch as s; "
                + "s.save_file({k: v.contiguous() for k, v in torch.load('\(pickle)', "
                + "map_location='cpu', weights_only=True).items()}, 'model.safetensors', "
                + "{'format': 'pt'})\"")
    }
}
