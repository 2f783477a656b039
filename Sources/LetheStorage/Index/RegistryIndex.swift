internal import Foundation
internal import GRDB
public import LetheRecords
internal import Synchronization

/// A cache over the lineage that answers questions without walking it (SQLite, write-ahead log).
///
/// The lineage is the authority. Every question about one line first compares that line's
/// reference with the tip that the index knows; every question about all lines first compares a
/// stamp over all references. What moved is read from the lineage before the answer. The file may
/// be deleted at any time; a missing, broken or outdated one is replaced.
public final class RegistryIndex: Sendable {
    let lineage: Lineage
    let reader: VersionReader
    let files: StoreFiles
    let tensors: TensorReader
    private let current: Mutex<Current>

    /// The database in use, and whether it is known to be of no use.
    private struct Current {
        var database: any DatabaseWriter
        var isInMemory: Bool
        var hasFailed = false
    }

    /// Opens the index of a registry; nothing of the lineage is read yet.
    ///
    /// A read-only registry uses the file as it is, as long as it says what the lineage says.
    /// Where the file is of no use and cannot be written, the index lives in memory: a cache must
    /// not stop anybody from reading.
    ///
    /// - Throws: `io` if not even an index in memory can be made.
    public init(
        _ layout: RegistryLayout, lineage: Lineage, isReadOnly: Bool,
        files: StoreFiles = StoreFiles(), tensors: @escaping TensorReader = { _ in nil },
        reader: @escaping VersionReader
    ) throws(LetheError) {
        self.lineage = lineage
        self.files = files
        self.tensors = tensors
        self.reader = reader
        let opened =
            isReadOnly
            ? IndexFile.openReadOnly(layout.index.path) : try? IndexFile.open(layout.index.path)
        if let opened {
            current = Mutex(Current(database: opened, isInMemory: false))
        } else {
            current = Mutex(Current(database: try IndexFile.inMemory(), isInMemory: true))
        }
    }

    /// Adds versions whose references have just moved to their commits, oldest first.
    ///
    /// If the index had missed the version before, it stays behind, and the next question about
    /// that line reads what is missing.
    public func add(_ versions: [IndexedVersion]) throws(LetheError) {
        guard let first = versions.first else { return }
        try files.step(.updateIndex, first.reference.description)
        try write { database in
            for version in versions {
                let tip = try IndexRows.tip(of: version.reference.description, in: database)
                guard tip?.target == version.parent?.hex else { continue }
                try IndexRows.append(version, at: (tip?.position ?? 0) + 1, to: database)
            }
        }
    }

    func read<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) throws(LetheError) -> Value {
        let database = current.withLock { $0.database }
        do {
            return try database.read(body)
        } catch {
            throw failure(error)
        }
    }

    func write(_ body: @Sendable (Database) throws -> Void) throws(LetheError) {
        let database = current.withLock { $0.database }
        do {
            try database.write(body)
        } catch {
            throw failure(error)
        }
    }

    /// Runs `body`; if the file of the index fails (read-only, full disk, damaged), runs it again
    /// on an empty index in memory: a cache must not stop anybody from reading.
    func leavingFileIfNeeded(_ body: () throws(LetheError) -> Void) throws(LetheError) {
        do throws(LetheError) {
            try body()
        } catch {
            guard current.withLock({ $0.hasFailed && !$0.isInMemory }) else { throw error }
            let memory = try IndexFile.inMemory()
            current.withLock { $0 = Current(database: memory, isInMemory: true) }
            try body()
        }
    }

    private func failure(_ error: any Error) -> LetheError {
        current.withLock { $0.hasFailed = true }
        return IndexFile.failure(error)
    }
}
