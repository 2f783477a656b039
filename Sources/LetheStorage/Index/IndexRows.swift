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
        for table in ["tips", "versions", "files", "requests"] {
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
            sql: "INSERT INTO versions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        ).execute(arguments: [
            reference, position, version.number, version.commit.hex, version.parent?.hex,
            version.operation, version.secondsSince1970, version.summary, version.dataset,
            version.requests.count,
        ])
        for file in version.files {
            try append(file, of: reference, at: position, to: database)
        }
        for request in version.requests {
            try append(request: request, of: reference, at: position, to: database)
        }
        try database.cachedStatement(sql: "INSERT OR REPLACE INTO tips VALUES (?, ?, ?)")
            .execute(arguments: [reference, version.commit.hex, position])
    }

    private static func append(
        _ file: IndexedFile, of reference: String, at position: Int, to database: Database
    ) throws {
        let values: StatementArguments = [
            file.file.digest.hex, file.file.sizeBytes, file.file.assembly?.hex,
        ]
        try database.cachedStatement(
            sql: "UPDATE files SET last = ? WHERE reference = ? AND path = ? AND last = ?"
                + " AND digest = ? AND size = ? AND assembly IS ?"
        ).execute(arguments: [position, reference, file.path, position - 1] + values)
        guard database.changesCount == 0 else { return }
        try database.cachedStatement(sql: "INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?)")
            .execute(arguments: [reference, file.path, position, position] + values)
    }

    private static func append(
        request: String, of reference: String, at position: Int, to database: Database
    ) throws {
        try database.cachedStatement(
            sql: "UPDATE requests SET last = ? WHERE reference = ? AND request = ? AND last = ?"
        ).execute(arguments: [position, reference, request, position - 1])
        guard database.changesCount == 0 else { return }
        try database.cachedStatement(sql: "INSERT INTO requests VALUES (?, ?, ?, ?)")
            .execute(arguments: [reference, request, position, position])
    }
}
