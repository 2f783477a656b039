internal import LetheRecords

extension ObjectBatch {
    /// Adds an object of another store, if it is not here, and verifies it while it is copied.
    ///
    /// - Parameters:
    ///   - sizeBytes: The length that a record announces; anything else is refused.
    ///   - onPiece: Hears the bytes in order, whether they were copied or were here; nil if
    ///     nobody needs them.
    /// - Returns: whether it was copied.
    /// - Throws: `integrity` if the source lacks it or its bytes do not match; nothing is added
    ///   then.
    func copy(
        _ digest: Digest, sizeBytes: Int, from source: ObjectStore, onPiece: (([UInt8]) -> Void)?
    ) throws(LetheError) -> Bool {
        if try isPresent(digest, sizeBytes: sizeBytes) {
            let path = pendingPath(of: digest) ?? store.path(of: digest)
            guard try FileStatus.of(path)?.sizeBytes == sizeBytes else {
                throw wrongLength(source.path(of: digest), sizeBytes)
            }
            if let onPiece { try ObjectStore.stream(digest, at: path, onPiece) }
            return false
        }
        guard source.sizeBytes(of: digest) == sizeBytes else {
            throw wrongLength(source.path(of: digest), sizeBytes)
        }
        let temporary = try nextPath()
        do throws(LetheError) {
            try store.files.copy(source.path(of: digest), of: sizeBytes, to: temporary)
            try ObjectStore.stream(digest, at: temporary) { onPiece?($0) }
        } catch {
            store.files.forget(temporary)
            guard error.code == .integrity else { throw error }
            throw LetheError(
                code: .integrity,
                message: "\(source.path(of: digest)) is damaged: its bytes do not have the "
                    + "SHA-256 that its name says.",
                remedy: "Run lethe fsck in the registry that it comes from.")
        }
        add(temporary, named: digest, sizeBytes: sizeBytes)
        return true
    }

    private func wrongLength(_ path: String, _ sizeBytes: Int) -> LetheError {
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
