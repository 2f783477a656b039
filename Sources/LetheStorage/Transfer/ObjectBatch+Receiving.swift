internal import LetheRecords

extension ObjectBatch {
    /// Adds an object that comes from elsewhere, if it is not here, and verifies it.
    ///
    /// - Parameters:
    ///   - sizeBytes: The length that a record announces; anything else is refused.
    ///   - onPiece: Hears the bytes in order, whether they came or were here; nil if nobody needs
    ///     them.
    /// - Returns: whether it came.
    /// - Throws: `integrity` if the source lacks it or other bytes come; nothing is added then;
    ///   what the source throws.
    func receive(
        _ digest: Digest, sizeBytes: Int, from source: any ObjectSource,
        onPiece: (([UInt8]) -> Void)?
    ) throws(LetheError) -> Bool {
        if try isPresent(digest, sizeBytes: sizeBytes) {
            let path = pendingPath(of: digest) ?? store.path(of: digest)
            guard try FileStatus.of(path)?.sizeBytes == sizeBytes else {
                throw store.wrongLength(path, sizeBytes)
            }
            if let onPiece { try ObjectStore.stream(digest, at: path, onPiece) }
            return false
        }
        let temporary = try nextPath()
        do throws(LetheError) {
            try source.write(
                digest, sizeBytes: sizeBytes, to: temporary, by: store.files, onPiece: onPiece)
        } catch {
            store.files.forget(temporary)
            throw error
        }
        add(temporary, named: digest, sizeBytes: sizeBytes)
        return true
    }
}
