internal import Foundation
internal import LetheRecords

/// `model.safetensors.index.json`: which shard of a model holds which tensor (the layout that
/// huggingface_hub writes).
///
/// The names of the shards are never taken from it as paths: only `model-0000i-of-0000n.safetensors`
/// is a name, and all n of them must be there.
struct ShardIndex {
    static let name = "model.safetensors.index.json"
    /// Longer ones are refused: git holds the index as text.
    static let limitBytes = 1 << 20

    /// The shards in order.
    let shardNames: [String]
    private let tensors: [String: Set<String>]

    /// Reads an index.
    ///
    /// - Throws: `malformed` saying what is wrong.
    init(parsing bytes: [UInt8]) throws(LetheError) {
        guard case .object(let map)? = try StrictJSON.parse(bytes)["weight_map"], !map.isEmpty
        else { throw Self.malformed("it has no weight_map") }
        var tensors: [String: Set<String>] = [:]
        for (tensor, shard) in map {
            guard let shard = shard.stringValue else {
                throw Self.malformed("\"\(tensor.prefix(80))\" is mapped to no file name")
            }
            tensors[shard, default: []].insert(tensor)
        }
        let count = tensors.count
        let expected = (1...count).map { Self.shardName($0, of: count) }
        guard Set(tensors.keys) == Set(expected) else {
            throw Self.malformed(
                "its \(count) shards are not named \(expected[0]) to \(expected[count - 1])")
        }
        shardNames = expected
        self.tensors = tensors
    }

    /// `model-00001-of-00003.safetensors`.
    static func shardName(_ number: Int, of count: Int) -> String {
        func digits(_ value: Int) -> String {
            String(repeating: "0", count: max(0, 5 - String(value).count)) + String(value)
        }
        return "model-\(digits(number))-of-\(digits(count)).safetensors"
    }

    /// Whether a file of a folder looks like a shard.
    static func isShard(_ name: String) -> Bool {
        name.hasPrefix("model-") && name.contains("-of-") && name.hasSuffix(".safetensors")
    }

    /// Refuses shards that do not hold exactly the tensors that the index says.
    ///
    /// - Throws: `malformed` naming the first tensor that is missing or not in the index; `notFound`
    ///   for a missing shard.
    func check(in folder: URL) throws(LetheError) {
        for name in shardNames {
            let found = Set(try Self.tensorNames(in: folder.appending(path: name)))
            let expected = tensors[name] ?? []
            if let missing = expected.subtracting(found).min() {
                throw Self.malformed("\(name) does not hold \"\(missing.prefix(80))\"")
            }
            if let stray = found.subtracting(expected).min() {
                throw Self.malformed("\(name) holds \"\(stray.prefix(80))\", which it does not map")
            }
        }
    }

    private static func tensorNames(in url: URL) throws(LetheError) -> [String] {
        let sizeBytes: Int
        let prefix: [UInt8]
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            sizeBytes = Int(try file.seekToEnd())
            try file.seek(toOffset: 0)
            let first = [UInt8](try file.read(upToCount: 8) ?? Data())
            let length = try SafetensorsHeader.jsonLength(ofFirstEight: first)
            prefix = first + [UInt8](try file.read(upToCount: min(length, sizeBytes)) ?? Data())
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .notFound, message: "The shard \(url.path) cannot be read.",
                remedy: "Fetch the model again, with all its shards.", cause: error)
        }
        return try SafetensorsHeader(parsing: prefix, fileSizeBytes: sizeBytes).entries.map(\.name)
    }

    private static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "\(name) does not fit: \(reason.filter { $0 != "\n" }).",
            remedy: "Fetch the model again, or save it anew with save_pretrained.")
    }
}
