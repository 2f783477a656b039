internal import GRDB
internal import LetheRecords

/// Which files outside the registry were read before, so that they need not be read again.
///
/// A cache like the rest of the index, and like the rest it may be deleted.
extension RegistryIndex {
    /// What a file was stored as when it last was read; nil if it may have changed since.
    public func storedFile(_ evidence: FileEvidence) -> StoredFile? {
        let found = try? read { database in
            try Row.fetchOne(
                database,
                sql: "SELECT digest, size, assembly FROM seen WHERE path = ? AND evidence = ?",
                arguments: [evidence.path, evidence.text]
            ).flatMap(Self.storedFile)
        }
        return found ?? nil
    }

    /// Remembers what a file was stored as.
    ///
    /// Call it when the objects are durable, with evidence
    /// gathered before the file was read.
    public func remember(_ file: StoredFile, for evidence: FileEvidence) {
        guard evidence.isSettled else { return }
        try? write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)",
                arguments: [
                    evidence.path, evidence.text, file.digest.hex, file.sizeBytes,
                    file.assembly?.hex,
                ])
        }
    }
}
