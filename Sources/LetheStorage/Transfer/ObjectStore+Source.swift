public import LetheRecords

/// The store of a registry on this machine, as something is taken from it.
extension ObjectStore: ObjectSource {
    /// The folder of the objects.
    public var name: String { folder }

    /// Copies without reading where the file system can, and reads what was written.
    public func write(
        _ digest: Digest, sizeBytes: Int, to path: String, by files: StoreFiles,
        onPiece: (([UInt8]) -> Void)?
    ) throws(LetheError) {
        guard self.sizeBytes(of: digest) == sizeBytes else {
            throw wrongLength(self.path(of: digest), sizeBytes)
        }
        do throws(LetheError) {
            try files.copy(self.path(of: digest), of: sizeBytes, to: path)
            try Self.stream(digest, at: path) { onPiece?($0) }
        } catch {
            guard error.code == .integrity else { throw error }
            throw LetheError(
                code: .integrity,
                message: "\(self.path(of: digest)) is damaged: its bytes do not have the "
                    + "SHA-256 that its name says.",
                remedy: "Run lethe fsck in the registry that it comes from.")
        }
    }

    /// Refuses what stands on too many derivations.
    public func checkDerivation(of file: StoredFile) throws(LetheError) {
        _ = try derivationDepth(of: file)
    }

    /// Computes the file and throws the bytes away.
    public func compute(_ file: StoredFile) throws(LetheError) -> Bool {
        try stream(file) { (_) throws(LetheError) in }
        return true
    }

    func wrongLength(_ path: String, _ sizeBytes: Int) -> LetheError {
        LetheError(
            code: .integrity,
            message: "\(path) is missing or is not of the \(sizeBytes) bytes that a record "
                + "announces.",
            remedy: "Run lethe fsck in the registry that it comes from.")
    }
}

extension StoreFiles {
    /// Copies a file of another registry: by sharing its blocks where the file system can
    /// (FICLONE, ioctl_ficlonerange(2)), byte by byte where not.
    ///
    /// Never by a hard link: then a change of one registry's file would be one of the other's.
    func copy(_ path: String, of sizeBytes: Int, to newPath: String) throws(LetheError) {
        let source = try FileDescriptor.reading(path)
        let target = try createFile(newPath, mode: 0o444)
        try step(.writeBytes, newPath)
        if target.shareBlocks(of: source) { return }
        var piece: [UInt8] = []
        for offset in stride(from: 0, to: sizeBytes, by: ObjectStore.pieceSizeBytes) {
            let count = min(ObjectStore.pieceSizeBytes, sizeBytes - offset)
            try source.read(into: &piece, at: offset, count: count)
            try target.write(piece)
        }
    }

    /// Removes a file of this process that never got a name; it does not matter if that fails.
    func forget(_ path: String) {
        _ = try? removeAnnounced(path)
    }
}
