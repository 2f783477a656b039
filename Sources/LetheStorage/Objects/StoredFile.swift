public import LetheRecords

/// A file that is in the store: its identity, and how to put it together.
public struct StoredFile: Sendable, Hashable, Codable {
    /// SHA-256 of the whole file.
    public let digest: Digest
    /// The file's length in bytes.
    public let sizeBytes: Int
    /// The object that says how the file comes about (`AssemblyRecipe`, `DerivationRecipe`); nil if
    /// the file is one object named by `digest`.
    public let assembly: Digest?

    /// Names a stored file; nothing is checked here.
    public init(digest: Digest, sizeBytes: Int, assembly: Digest?) {
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.assembly = assembly
    }
}
