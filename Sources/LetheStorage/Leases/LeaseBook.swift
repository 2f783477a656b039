internal import Foundation
internal import GRDB
internal import LetheRecords

/// The open database of the leases.
///
/// Nothing is synced: after a power cut every owner is dead and no lease counts. A process that is
/// killed leaves a rollback journal, which SQLite applies when the database is opened next.
final class LeaseBook: Sendable {
    private static let schemaNumber = 1
    private static let busySeconds = 30.0
    private static let tables = """
        CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
        CREATE TABLE leases (
            digest BLOB NOT NULL, owner INTEGER NOT NULL, PRIMARY KEY (digest, owner)
        ) WITHOUT ROWID;
        CREATE INDEX leases_by_owner ON leases (owner);
        """

    private let queue: DatabaseQueue
    /// Locked, shared, by everybody who has the database open: a damaged one is replaced only when
    /// nobody has.
    private let users: FileDescriptor

    static func path(in folder: String) -> String { "\(folder)/leases.sqlite" }

    /// Opens the database in `locks/`, and makes it if need be; one process at a time.
    init(in folder: String, files: StoreFiles) throws(LetheError) {
        let opening = try NamedLock("\(folder)/leases.opening", files: files)
        defer { opening.finish() }
        users = try FileDescriptor.lockFile("\(folder)/leases.users")
        _ = try users.lock(waiting: true, isShared: true)
        queue = try LeaseBook.open(LeaseBook.path(in: folder), users: users)
    }

    /// Writes down that an owner holds digests.
    ///
    /// - Parameter owner: The number that an earlier call gave; nil for the first.
    /// - Returns: the owner's number.
    func add(
        _ digests: Set<Digest>, owner: Int64?, named name: String
    ) throws(LetheError) -> Int64 {
        try inTransaction { database in
            let number: Int64
            if let owner {
                number = owner
            } else {
                try database.execute(
                    sql: "INSERT INTO owners (name) VALUES (?)", arguments: [name])
                number = database.lastInsertedRowID
            }
            let insert = try database.cachedStatement(
                sql: "INSERT OR IGNORE INTO leases VALUES (?, ?)")
            for digest in digests {
                try insert.execute(arguments: [Data(digest.bytes), number])
            }
            return number
        }
    }

    /// Gives back everything that an owner holds.
    func remove(owner: Int64) throws(LetheError) {
        try inTransaction { database in try LeaseBook.remove(owner: owner, from: database) }
    }

    /// Runs `decide` inside a transaction that keeps every other writer of leases out.
    func whileFrozen<Result>(
        asking digests: [Digest], isAlive: (String) -> Bool,
        _ decide: (Set<Digest>) throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        try inTransaction { database in
            for row in try Row.fetchAll(database, sql: "SELECT id, name FROM owners") {
                let name: String = row["name"]
                if !isAlive(name) { try LeaseBook.remove(owner: row["id"], from: database) }
            }
            let ask = try database.cachedStatement(sql: "SELECT 1 FROM leases WHERE digest = ?")
            var held: Set<Digest> = []
            for digest in digests
            where try Int.fetchOne(ask, arguments: [Data(digest.bytes)]) != nil {
                held.insert(digest)
            }
            return try decide(held)
        }
    }

    private static func remove(owner: Int64, from database: Database) throws {
        try database.execute(sql: "DELETE FROM leases WHERE owner = ?", arguments: [owner])
        try database.execute(sql: "DELETE FROM owners WHERE id = ?", arguments: [owner])
    }

    private func inTransaction<Result>(
        _ body: (Database) throws -> Result
    ) throws(LetheError) -> Result {
        do {
            var result: Result?
            try queue.inTransaction(.immediate) { database in
                result = try body(database)
                return .commit
            }
            if let result { return result }
        } catch {
            throw LeaseBook.failure(error)
        }
        throw LetheError(code: .io, message: "The leases gave no answer.")
    }
}

extension LeaseBook {
    private static func open(
        _ path: String, users: borrowing FileDescriptor
    ) throws(LetheError) -> DatabaseQueue {
        do {
            return try openExisting(path)
        } catch let error as DatabaseError where isDamage(error) {
            try discard(path, users: users)
        } catch {
            throw failure(error)
        }
        do {
            return try openExisting(path)
        } catch {
            throw failure(error)
        }
    }

    private static func openExisting(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = TRUNCATE")
            try database.execute(sql: "PRAGMA synchronous = OFF")
            guard try String.fetchOne(database, sql: "PRAGMA quick_check(1)") == "ok" else {
                throw DatabaseError(resultCode: .SQLITE_CORRUPT)
            }
        }
        try queue.inTransaction(.immediate) { database in
            let number = try Int.fetchOne(database, sql: "PRAGMA user_version")
            if number == schemaNumber { return .commit }
            guard number == 0 else { throw DatabaseError(resultCode: .SQLITE_NOTADB) }
            try database.execute(sql: tables)
            try database.execute(sql: "PRAGMA user_version = \(schemaNumber)")
            return .commit
        }
        return queue
    }

    private static func isDamage(_ error: DatabaseError) -> Bool {
        [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode)
    }

    /// Removes a damaged database that nobody else has open; whose leases it held is unknown, so
    /// while somebody has it open it stays.
    private static func discard(
        _ path: String, users: borrowing FileDescriptor
    ) throws(LetheError) {
        guard try users.lock(waiting: false) else {
            throw LetheError(
                code: .conflict,
                message: "\(path) is damaged, and another process works with this registry.",
                remedy: "Run the same command again when no other is running.")
        }
        for name in [path, path + "-journal"] {
            try? FileManager.default.removeItem(atPath: name)
        }
        _ = try users.lock(waiting: true, isShared: true)
    }

    /// Turns what SQLite says into an error that a person can act upon.
    private static func failure(_ error: any Error) -> LetheError {
        if let error = error as? LetheError { return error }
        return switch (error as? DatabaseError)?.resultCode {
        case .SQLITE_FULL?:
            LetheError(
                code: .diskFull, message: "The leases cannot be written: the disk is full.",
                remedy: "Free some space and run the same command again; nothing was changed.",
                cause: error)
        case .SQLITE_BUSY?, .SQLITE_LOCKED?:
            LetheError(
                code: .conflict, message: "Another process keeps the leases locked.",
                remedy: "Run the same command again.", cause: error)
        default:
            LetheError(
                code: .io, message: "The leases in locks/leases.sqlite do not answer.",
                remedy: "When no other command works with this registry, remove that file and "
                    + "run the same command again.", cause: error)
        }
    }
}
