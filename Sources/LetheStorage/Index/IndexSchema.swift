internal import GRDB

/// The tables of the index.
///
/// A position counts the commits of a line from 1; it is what the lineage says, where a number is
/// what a manifest says. What stays the same from one version to the next (most files, every
/// honoured request) is one row with the first and the last position, so a line's rows grow with
/// its changes. What the newest version has is open: its last position is `openEnd`, so that a new
/// version touches only what it changes.
///
/// `published` has the weights files that came in from outside, once for each line, and whether
/// their recipes were read; `parts` has the tensors that those recipes name, by the first eight
/// bytes of their digests. There are no migrations: everything is derived, so another number means
/// drop and rebuild.
enum IndexSchema {
    /// Raise it with every change below.
    static let number = 4

    /// The last position of what the newest version of a line has.
    static let openEnd = Int.max

    static let tableNames = [
        "tips", "versions", "files", "requests", "published", "parts", "stamps", "seen",
    ]

    private static let tables = """
        CREATE TABLE tips (
            reference TEXT PRIMARY KEY, target TEXT NOT NULL, position INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE versions (
            reference TEXT NOT NULL, position INTEGER NOT NULL, number INTEGER NOT NULL,
            target TEXT NOT NULL, parent TEXT, operation TEXT NOT NULL, created INTEGER NOT NULL,
            summary TEXT NOT NULL, dataset TEXT, request_count INTEGER NOT NULL,
            base TEXT,
            PRIMARY KEY (reference, position)
        ) WITHOUT ROWID;
        CREATE INDEX versions_by_number ON versions (reference, number);
        CREATE INDEX versions_by_target ON versions (target);
        CREATE INDEX versions_by_operation ON versions (reference, operation, position);
        CREATE INDEX versions_by_dataset ON versions (dataset, reference)
            WHERE dataset IS NOT NULL;
        CREATE INDEX versions_by_base ON versions (base) WHERE base IS NOT NULL;
        CREATE TABLE files (
            reference TEXT NOT NULL, last INTEGER NOT NULL, path TEXT NOT NULL,
            first INTEGER NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, assembly TEXT,
            PRIMARY KEY (reference, last, path)
        ) WITHOUT ROWID;
        CREATE INDEX files_by_digest ON files (digest);
        CREATE TABLE requests (
            reference TEXT NOT NULL, last INTEGER NOT NULL, request TEXT NOT NULL,
            first INTEGER NOT NULL, PRIMARY KEY (reference, last, request)
        ) WITHOUT ROWID;
        CREATE INDEX requests_by_request ON requests (request);
        CREATE TABLE published (
            reference TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, assembly TEXT,
            is_read INTEGER NOT NULL, PRIMARY KEY (reference, digest)
        ) WITHOUT ROWID;
        CREATE INDEX published_unread ON published (reference) WHERE is_read = 0;
        CREATE TABLE parts (
            part INTEGER NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (part, reference)
        ) WITHOUT ROWID;
        CREATE TABLE seen (
            path TEXT PRIMARY KEY, evidence TEXT NOT NULL, digest TEXT NOT NULL,
            size INTEGER NOT NULL, assembly TEXT
        ) WITHOUT ROWID;
        CREATE TABLE stamps (name TEXT PRIMARY KEY, digest TEXT NOT NULL) WITHOUT ROWID;
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
