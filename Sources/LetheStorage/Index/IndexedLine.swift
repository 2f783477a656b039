internal import GRDB
internal import LetheRecords

/// Reads a whole line of the index in one pass over each table.
///
/// Files and requests are spans of positions; a sweep over the positions keeps the ones that are
/// open, so the time grows with the rows of the line and not with its length squared.
enum IndexedLine {
    static func versions(
        of reference: ReferenceName, in database: Database
    ) throws -> [IndexedVersion] {
        let name = reference.description
        var files = try files(of: name, in: database)
        var requests = try requests(of: name, in: database)
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT position, number, target, parent, operation, created, summary, dataset,
                        base
                    FROM versions WHERE reference = ? ORDER BY position
                    """), arguments: [name])
        var found: [IndexedVersion] = []
        while let row = try rows.next() {
            let parent: String? = row[3]
            let base: String? = row[8]
            guard let commit = CommitID(row[2]) else { continue }
            found.append(
                IndexedVersion(
                    reference: reference, number: row[1], commit: commit,
                    parent: parent.flatMap(CommitID.init), operation: row[4],
                    secondsSince1970: row[5], summary: row[6], files: files.values(at: row[0]),
                    requests: requests.values(at: row[0]), dataset: row[7],
                    base: base.flatMap(Digest.init(hex:))))
        }
        return found
    }

    private static func files(
        of name: String, in database: Database
    ) throws -> Spans<IndexedFile> {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: """
                    SELECT first, last, path, digest, size, assembly FROM files
                    WHERE reference = ? ORDER BY first
                    """), arguments: [name])
        var spans = Spans<IndexedFile>()
        while let row = try rows.next() {
            guard let file = RegistryIndex.storedFile(row) else { continue }
            spans.append(IndexedFile(path: row[2], file: file), first: row[0], last: row[1])
        }
        return spans
    }

    private static func requests(
        of name: String, in database: Database
    ) throws -> Spans<String> {
        let rows = try Row.fetchCursor(
            database.cachedStatement(
                sql: "SELECT first, last, request FROM requests WHERE reference = ? ORDER BY first"
            ), arguments: [name])
        var spans = Spans<String>()
        while let row = try rows.next() {
            spans.append(row[2], first: row[0], last: row[1])
        }
        return spans
    }
}

/// Values that hold from one position to another, in the order in which they begin.
private struct Spans<Value> {
    private typealias Span = (first: Int, last: Int, value: Value)
    private var all: [Span] = []
    private var next = 0
    private var open: [Span] = []

    mutating func append(_ value: Value, first: Int, last: Int) {
        all.append((first, last, value))
    }

    /// The values that hold at a position; positions must be asked for in growing order.
    mutating func values(at position: Int) -> [Value] {
        open.removeAll { $0.last < position }
        while next < all.count, all[next].first <= position {
            if all[next].last >= position { open.append(all[next]) }
            next += 1
        }
        return open.map(\.value)
    }
}
