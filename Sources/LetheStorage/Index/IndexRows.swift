internal import GRDB
internal import LetheRecords

/// Writes the rows of the index; every method runs in its caller's transaction.
enum IndexRows {
    /// Where the index thinks that a line ends.
    struct Tip: Sendable, Equatable {
        let target: String
        let position: Int
    }

    static func tip(of reference: String, in database: Database) throws -> Tip? {
        let statement = try database.cachedStatement(
            sql: "SELECT target, position FROM tips WHERE reference = ?")
        return try Row.fetchOne(statement, arguments: [reference]).map {
            Tip(target: $0["target"], position: $0["position"])
        }
    }

    /// Forgets a line.
    static func drop(_ reference: String, from database: Database) throws {
        for table in ["tips", "versions", "files", "requests", "published", "parts"] {
            try database.execute(
                sql: "DELETE FROM \(table) WHERE reference = ?", arguments: [reference])
        }
    }

    /// Puts a version at the end of its line.
    static func append(
        _ version: IndexedVersion, at position: Int, to database: Database
    ) throws {
        let reference = version.reference.description
        try database.cachedStatement(
            sql: "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            reference, position, version.number, version.commit.hex, version.parent?.hex,
            version.operation, version.secondsSince1970, version.summary, version.dataset,
            version.requests.count, version.base?.hex,
        ])
        try append(version.files, of: reference, at: position, to: database)
        try append(requests: version.requests, of: reference, at: position, to: database)
        try append(published: version.publishedWeights, of: reference, to: database)
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO tips VALUES (?, ?, ?)")
            .execute(arguments: [reference, version.commit.hex, position])
    }

    private static func append(
        _ files: [IndexedFile], of reference: String, at position: Int, to database: Database
    ) throws {
        var open = try Row.fetchAll(
            database.cachedStatement(
                sql: "SELECT path, digest, size, assembly FROM files"
                    + " WHERE reference = ? AND last = ?"),
            arguments: [reference, IndexSchema.openEnd]
        ).reduce(into: [String: StoredFile]()) { $0[$1["path"]] = RegistryIndex.storedFile($1) }
        var new: [IndexedFile] = []
        for file in files where open[file.path] != file.file { new.append(file) }
        for file in files where open[file.path] == file.file { open[file.path] = nil }
        let close = try database.cachedStatement(
            sql: "UPDATE files SET last = ? WHERE reference = ? AND last = ? AND path = ?")
        for path in open.keys {
            try close.execute(arguments: [position - 1, reference, IndexSchema.openEnd, path])
        }
        let insert = try database.cachedStatement(
            sql: "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)")
        for file in new {
            try insert.execute(arguments: [
                reference, IndexSchema.openEnd, file.path, position, file.file.digest.hex,
                file.file.sizeBytes, file.file.assembly?.hex,
            ])
        }
    }

    private static func append(
        published files: [StoredFile], of reference: String, to database: Database
    ) throws {
        let insert = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO published VALUES (?, ?, ?, ?, 0)")
        for file in files {
            try insert.execute(arguments: [
                reference, file.digest.hex, file.sizeBytes, file.assembly?.hex,
            ])
        }
    }

    private static func append(
        requests: [String], of reference: String, at position: Int, to database: Database
    ) throws {
        let open = Set(
            try String.fetchAll(
                database.cachedStatement(
                    sql: "SELECT request FROM requests WHERE reference = ? AND last = ?"),
                arguments: [reference, IndexSchema.openEnd]))
        let close = try database.cachedStatement(
            sql: "UPDATE requests SET last = ? WHERE reference = ? AND last = ? AND request = ?")
        for request in open.subtracting(requests) {
            try close.execute(arguments: [position - 1, reference, IndexSchema.openEnd, request])
        }
        let insert = try database.cachedStatement(sql: "INSERT INTO requests VALUES (?, ?, ?, ?)")
        for request in Set(requests).subtracting(open) {
            try insert.execute(arguments: [reference, IndexSchema.openEnd, request, position])
        }
    }
}
