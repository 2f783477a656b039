internal import LetheRecords

extension ObjectBatch {
    /// Takes a file that was stored durably before, without reading it again.
    ///
    /// - Returns: false if an object of it is missing or has another length; store it again then.
    public func reuse(_ file: StoredFile) -> Bool {
        // They were durable when the file was remembered, so their folders need no sync.
        let before = folders
        defer { folders = before }
        guard let assembly = file.assembly else {
            return isPresent(file.digest, sizeBytes: file.sizeBytes)
        }
        guard let sizeBytes = store.sizeBytes(of: assembly),
            isPresent(assembly, sizeBytes: sizeBytes), let parts = try? store.parts(of: file)
        else { return false }
        return parts.allSatisfy { isPresent($0.digest, sizeBytes: $0.length) }
    }
}
