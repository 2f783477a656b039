public import LetheRecords

/// The text that stands in git for a large file (git-lfs `docs/spec.md`, version 1).
///
/// Exactly one encoding for each pointer: three lines, keys sorted after `version`, no extensions.
public struct LargeFilePointer: Sendable, Hashable {
    /// SHA-256 of the file.
    public let digest: Digest
    /// The file's length in bytes.
    public let sizeBytes: Int

    private static let version = "version https://git-lfs.github.com/spec/v1"
    /// The specification has pointers below this size.
    private static let limitBytes = 1024

    /// Points at a file.
    public init(digest: Digest, sizeBytes: Int) {
        self.digest = digest
        self.sizeBytes = sizeBytes
    }

    /// The exact bytes of the pointer file.
    public var bytes: [UInt8] {
        Array("\(Self.version)\noid \(digest)\nsize \(sizeBytes)\n".utf8)
    }

    /// Reads a pointer file; nil for bytes that are not one.
    ///
    /// - Throws: `malformed` for bytes that begin as a pointer does and then differ from the one
    ///   valid encoding.
    public static func parse(_ bytes: [UInt8]) throws(LetheError) -> LargeFilePointer? {
        guard bytes.starts(with: "version https://git-lfs".utf8) else { return nil }
        guard bytes.count < limitBytes, let pointer = fields(bytes), pointer.bytes == bytes else {
            throw LetheError(
                code: .malformed,
                message: "A git-lfs pointer is not in its one valid encoding.",
                remedy: "Three lines: version, oid sha256:<64 digits>, size <bytes>.")
        }
        return pointer
    }

    private static func fields(_ bytes: [UInt8]) -> LargeFilePointer? {
        let lines = String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[0] == version, lines[1].hasPrefix("oid "),
            lines[2].hasPrefix("size "), let digest = Digest(String(lines[1].dropFirst(4))),
            let sizeBytes = Int(lines[2].dropFirst(5)), sizeBytes >= 0
        else { return nil }
        return LargeFilePointer(digest: digest, sizeBytes: sizeBytes)
    }
}
