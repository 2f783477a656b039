internal import LetheRecords

extension ObjectBatch {
    /// Adds an object that comes from elsewhere, if it is not here, and verifies it while it is
    /// written.
    ///
    /// - Parameters:
    ///   - sizeBytes: The length that a record announces; anything else is refused.
    ///   - name: What messages call the source.
    ///   - onPiece: Hears the bytes in order, whether they came or were here; nil if nobody needs
    ///     them.
    /// - Returns: whether it came.
    /// - Throws: `integrity` if other bytes come; nothing is added then; what the source throws.
    func receive(
        _ digest: Digest, sizeBytes: Int, from source: any ObjectSource, named name: String,
        onPiece: (([UInt8]) -> Void)?
    ) throws(LetheError) -> Bool {
        if try isPresent(digest, sizeBytes: sizeBytes) {
            let path = pendingPath(of: digest) ?? store.path(of: digest)
            if let onPiece { try ObjectStore.stream(digest, at: path, onPiece) }
            return false
        }
        let temporary = try nextPath()
        do throws(LetheError) {
            let file = try store.files.createFile(temporary, mode: 0o444)
            var hasher = DigestHasher()
            var count = 0
            try source.stream(digest) { (piece) throws(LetheError) in
                count += piece.count
                guard count <= sizeBytes else { throw TransferSource.poisoned(digest, name) }
                hasher.update(piece)
                try store.files.write(piece, to: file)
                onPiece?(piece)
            }
            guard count == sizeBytes, hasher.finalize() == digest else {
                throw TransferSource.poisoned(digest, name)
            }
        } catch {
            store.files.forget(temporary)
            throw error
        }
        add(temporary, named: digest, sizeBytes: sizeBytes)
        return true
    }
}
