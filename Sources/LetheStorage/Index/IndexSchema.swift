internal import GRDB

/// The tables of the index.
///
/// There are no migrations: everything is derived, so another number means drop and rebuild.
enum IndexSchema {
    /// Raise it with every change below.
    static let number = 1

    private static let tables = """
        CREATE TABLE tips (
            reference TEXT PRIMARY KEY, target TEXT NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE versions (
            reference TEXT NOT NULL, number INTEGER NOT NULL, target TEXT NOT NULL,
            parent TEXT, operation TEXT NOT NULL, created INTEGER NOT NULL, summary TEXT NOT NULL,
            PRIMARY KEY (reference, number)
        ) WITHOUT ROWID;
        CREATE INDEX versions_by_target ON versions (target);
        CREATE TABLE files (
            reference TEXT NOT NULL, number INTEGER NOT NULL, path TEXT NOT NULL,
            digest TEXT NOT NULL, size INTEGER NOT NULL, assembly TEXT,
            PRIMARY KEY (reference, number, path)
        ) WITHOUT ROWID;
        CREATE INDEX files_by_digest ON files (digest);
        CREATE TABLE requests (
            reference TEXT NOT NULL, number INTEGER NOT NULL, request TEXT NOT NULL,
            PRIMARY KEY (reference, number, request)
        ) WITHOUT ROWID;
        CREATE INDEX requests_by_request ON requests (request);
        """

    /// Whether the tables of this schema are there.
    static func isCurrent(_ database: Database) throws -> Bool {
        try Int.fetchOne(database, sql: "PRAGMA user_version") == number
    }

    /// Makes the tables in an empty database.
    static func create(_ database: Database) throws {
        try database.execute(sql: tables)
        try database.execute(sql: "PRAGMA user_version = \(number)")
    }
}
