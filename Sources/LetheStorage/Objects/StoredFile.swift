public import LetheRecords

/// A file that is in the store: its identity, and how to put it together.
public struct StoredFile: Sendable, Hashable {
    /// SHA-256 of the whole file.
    public let digest: Digest
    /// The file's length in bytes.
    public let sizeBytes: Int
    /// The object that lists the parts; nil if the file is one object named by `digest`.
    public let assembly: Digest?

    /// Names a stored file; nothing is checked here.
    public init(digest: Digest, sizeBytes: Int, assembly: Digest?) {
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.assembly = assembly
    }
}
