public import LetheRecords

extension ObjectBatch {
    /// Takes a file that was stored durably before, without reading it again.
    ///
    /// - Returns: false if an object of it is missing or has another length; store it again then.
    /// - Throws: `io`, `diskFull` if its objects cannot be leased.
    public func reuse(_ file: StoredFile) throws(LetheError) -> Bool {
        // They were durable when the file was remembered, so their folders need no sync.
        let before = staged.folders
        defer { staged.restore(before) }
        guard let parts = (try? store.parts(of: file)) ?? nil else { return false }
        // One transaction for all, not one for each.
        try hold(parts.map(\.digest) + [file.assembly].compactMap { $0 })
        if let assembly = file.assembly {
            guard let sizeBytes = store.sizeBytes(of: assembly),
                try isPresent(assembly, sizeBytes: sizeBytes)
            else { return false }
        }
        for part in parts where try !isPresent(part.digest, sizeBytes: part.length) {
            return false
        }
        return true
    }
}
