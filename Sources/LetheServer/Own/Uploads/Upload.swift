internal import Foundation
internal import HTTPTypes
internal import LetheRecords

/// A model folder that a client is sending, as it announced it: every size is a limit.
struct Upload: Sendable, Codable, Equatable {
    /// A file of the folder.
    struct File: Sendable, Codable, Equatable {
        let path: String
        let sizeBytes: Int
        /// SHA-256 of the whole file.
        let digest: Digest
        /// What it consists of, in order.
        let parts: [Part]
    }

    /// A run of bytes of a file.
    struct Part: Sendable, Codable, Hashable {
        let digest: Digest
        /// The length in bytes.
        let length: Int
    }

    let id: String
    let model: String
    /// The name of the token that began it.
    let token: String
    let files: [File]

    static let fileLimit = 1000
    static let partLimit = 20_000

    /// Every part, with its length.
    var parts: [Digest: Int] {
        var parts: [Digest: Int] = [:]
        for part in files.flatMap(\.parts) { parts[part.digest] = part.length }
        return parts
    }

    var sizeBytes: Int { files.reduce(0) { $0 + $1.sizeBytes } }

    /// Reads what a client announces.
    ///
    /// - Throws: `Failure` for names that are no file names, sizes that do not add up, or too much.
    init(_ body: [UInt8], model: String, token: String, limitBytes: Int) throws {
        let fields = try OrderFields(body, knowing: ["files"])
        files = try fields.elements("files", atMost: Self.fileLimit).map(Self.file)
        self.model = model
        self.token = token
        let names = [UInt8]("\(token)\u{0}\(model)\u{0}".utf8)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        let plan = [UInt8](try encoder.encode(files))
        id = "u-" + Digest(hashing: names + plan).hex.prefix(32)
        guard Set(files.map(\.path)).count == files.count else {
            throw OrderFields.wrong("files", "have a name each")
        }
        var total = 0
        for file in files {
            let (sum, overflow) = total.addingReportingOverflow(file.sizeBytes)
            guard !overflow, sum <= limitBytes else {
                throw Failure.own(
                    .contentTooLarge, .invalidArgument,
                    "This is more than the server takes at once, \(limitBytes) bytes.")
            }
            total = sum
        }
        var lengths: [Digest: Int] = [:]
        for part in files.flatMap(\.parts) {
            guard
                lengths.updateValue(part.length, forKey: part.digest) ?? part.length
                    == part.length
            else { throw OrderFields.wrong("parts", "of one digest have one length") }
        }
        guard lengths.count <= Self.partLimit else {
            throw OrderFields.wrong("parts", "are at most \(Self.partLimit)")
        }
    }

    private static func file(_ value: JSONValue) throws -> File {
        let known: Set = ["path", "sizeBytes", "digest", "parts"]
        guard let members = value.objectValue, known.isSuperset(of: members.keys),
            let path = members["path"]?.stringValue, isFileName(path),
            let sizeBytes = members["sizeBytes"]?.integerValue, sizeBytes >= 0,
            let digest = members["digest"]?.stringValue.flatMap({ Digest($0) }),
            let list = members["parts"]?.arrayValue
        else {
            throw OrderFields.wrong(
                "files", "have a path without folders, sizeBytes, digest and parts")
        }
        let parts = try list.map(part)
        var total = 0
        for part in parts { total = total.addingReportingOverflow(part.length).partialValue }
        guard total == sizeBytes, parts.allSatisfy({ $0.length <= sizeBytes }) else {
            throw OrderFields.wrong("parts", "of a file are together as long as the file")
        }
        return File(path: path, sizeBytes: sizeBytes, digest: digest, parts: parts)
    }

    private static func part(_ value: JSONValue) throws -> Part {
        guard let members = value.objectValue, members.count == 2,
            let digest = members["digest"]?.stringValue.flatMap({ Digest($0) }),
            let length = members["length"]?.integerValue, length > 0, length < 1 << 50
        else { throw OrderFields.wrong("parts", "have a digest and a length of at least 1") }
        return Part(digest: digest, length: length)
    }

    /// A name for one folder: no separators, nothing hidden, nothing above.
    static func isFileName(_ text: String) -> Bool {
        OrderFields.isName(text.lowercased().hasSuffix(".json") ? String(text.dropLast(5)) : text)
    }
}
