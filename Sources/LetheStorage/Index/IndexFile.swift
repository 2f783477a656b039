internal import Foundation
internal import GRDB
internal import LetheRecords

/// Opens the file of the index, and starts a new one where the old one is of no use.
enum IndexFile {
    /// Opens the index, replacing a file that is broken or of another schema.
    static func open(_ path: String) throws(LetheError) -> any DatabaseWriter {
        if let database = try? openExisting(path) { return database }
        do {
            try discard(path)
            return try openExisting(path)
        } catch {
            throw failure(error)
        }
    }

    /// Opens the index of a registry that nobody can write; nil if that cannot be done safely.
    ///
    /// SQLite reads a database in write-ahead mode without writing beside it only if it is told
    /// that nobody changes it (sqlite.org/uri.html, `immutable`), and then it does not see what
    /// is still in the log; so a log that is there rules the file out.
    static func openReadOnly(_ path: String) -> (any DatabaseWriter)? {
        let log = (try? FileStatus.of(path + "-wal")) ?? nil
        guard log?.sizeBytes ?? 0 == 0, ((try? FileStatus.of(path)) ?? nil)?.isRegular == true,
            let escaped = path.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed)
        else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        guard
            let database = try? DatabaseQueue(
                path: "file:\(escaped)?immutable=1", configuration: configuration),
            (try? database.read(IndexSchema.isCurrent)) == true
        else { return nil }
        return database
    }

    /// An empty index that goes with the process.
    static func inMemory() throws(LetheError) -> any DatabaseWriter {
        do {
            let database = try DatabaseQueue()
            try database.write(IndexSchema.create)
            return database
        } catch {
            throw failure(error)
        }
    }

    /// Turns what SQLite says into an error that a person can act upon.
    static func failure(_ error: any Error) -> LetheError {
        if let error = error as? LetheError { return error }
        guard let error = error as? DatabaseError else {
            return LetheError(
                code: .io, message: "The index does not answer.", remedy: "Run lethe reindex.",
                cause: error)
        }
        return switch error.resultCode {
        case .SQLITE_FULL:
            LetheError(
                code: .diskFull, message: "The index does not fit: the disk is full.",
                remedy: "Free some space; the index heals itself.", cause: error)
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            LetheError(
                code: .conflict, message: "Another process is writing the index.",
                remedy: "Run the same command again.", cause: error)
        default:
            LetheError(
                code: .io, message: "The index does not answer.", remedy: "Run lethe reindex.",
                cause: error)
        }
    }

    private static func openExisting(_ path: String) throws -> any DatabaseWriter {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        let database = try DatabasePool(path: path, configuration: configuration)
        try database.write { database in
            if try IndexSchema.isCurrent(database) { return }
            guard try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0 else {
                throw DatabaseError(message: "The index has another schema.")
            }
            try IndexSchema.create(database)
        }
        return database
    }

    private static func discard(_ path: String) throws {
        for name in [path, path + "-wal", path + "-shm"]
        where FileManager.default.fileExists(atPath: name) {
            try FileManager.default.removeItem(atPath: name)
        }
    }
}
