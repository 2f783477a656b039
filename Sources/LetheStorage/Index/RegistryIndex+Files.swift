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

    /// Remembers what files were stored as.
    ///
    /// Call it when the objects are durable, with evidence gathered before the files were read.
    public func remember(_ seen: [(evidence: FileEvidence, file: StoredFile)]) {
        let settled = seen.filter(\.evidence.isSettled)
        if settled.isEmpty { return }
        try? write { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO seen VALUES (?, ?, ?, ?, ?)")
            for (evidence, file) in settled {
                try statement.execute(arguments: [
                    evidence.path, evidence.text, file.digest.hex, file.sizeBytes,
                    file.assembly?.hex,
                ])
            }
        }
    }
}
