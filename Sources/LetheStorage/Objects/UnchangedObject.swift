internal import LetheRecords

/// An open object, and how the file system described it when it was found whole.
final class UnchangedObject: VerifiedObject {
    private let file: OpenObject
    private let digest: Digest
    private let status: FileStatus

    init(_ file: OpenObject, _ digest: Digest, _ status: FileStatus) {
        self.file = file
        self.digest = digest
        self.status = status
    }

    /// Looks whether anybody has written to the object since it was found whole.
    ///
    /// - Throws: `integrity`.
    func requireUnchanged() throws(LetheError) {
        guard try file.status() == status else {
            throw LetheError(
                code: .integrity,
                message: "The object \(digest) was changed while it was being sent.",
                remedy: "Run lethe fsck to see whether it is damaged.")
        }
    }

    func read(_ range: Range<Int>) throws(LetheError) -> [UInt8] {
        var bytes: [UInt8] = []
        try file.read(into: &bytes, at: range.lowerBound, count: range.count)
        try requireUnchanged()
        return bytes
    }

    /// A run of it for whoever sends it: the operating system cannot send what is encrypted.
    func piece(_ range: Range<Int>) throws(LetheError) -> ServedPiece {
        file.isEncrypted ? .bytes(try read(range)) : .run(self, range)
    }

    func duplicate() throws(LetheError) -> CInt { try file.duplicate() }
}
