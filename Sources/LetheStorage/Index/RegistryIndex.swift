internal import Foundation
internal import GRDB
public import LetheRecords

/// A cache over the lineage that answers questions without walking it (SQLite, write-ahead log).
///
/// Everything in it comes from the lineage. It may be deleted at any time; a missing, broken or
/// outdated file is replaced, and lines whose tip moved without the index hearing of it are read
/// again.
public final class RegistryIndex: Sendable {
    let database: any DatabaseWriter
    private let loader: VersionLoader
    private let files: StoreFiles

    /// Opens the index of a registry and brings it up to the tips of the lineage.
    ///
    /// Where the file cannot be written (read-only registry, full disk) the index lives in memory:
    /// a cache must not stop anybody from reading.
    ///
    /// - Throws: what `loader` and the lineage throw.
    public convenience init(
        _ layout: RegistryLayout, lineage: Lineage, isReadOnly: Bool,
        files: StoreFiles = StoreFiles(), loader: @escaping VersionLoader
    ) throws(LetheError) {
        if !isReadOnly, let database = try? IndexFile.open(layout.index.path),
            (try? RegistryIndex(database, files, loader).refresh(from: lineage)) != nil
        {
            self.init(database, files, loader)
        } else {
            self.init(try IndexFile.inMemory(), files, loader)
            try refresh(from: lineage)
        }
    }

    private init(
        _ database: any DatabaseWriter, _ files: StoreFiles, _ loader: @escaping VersionLoader
    ) {
        self.database = database
        self.files = files
        self.loader = loader
    }

    /// Throws everything away and reads the lineage again.
    public func rebuild(from lineage: Lineage) throws(LetheError) {
        try write { database in
            for table in ["tips", "versions", "files", "requests"] {
                try database.execute(sql: "DELETE FROM \(table)")
            }
        }
        try refresh(from: lineage)
    }

    /// Reads the lines again whose tip is not the one that the index knows.
    ///
    /// - Returns: how many lines were read.
    @discardableResult
    public func refresh(from lineage: Lineage) throws(LetheError) -> Int {
        let known = try read { database in
            try Row.fetchAll(database, sql: "SELECT reference, target FROM tips")
                .reduce(into: [String: String]()) { $0[$1["reference"]] = $1["target"] }
        }
        let lines = try lineage.references().filter { !$0.name.isTag }
        let stale = lines.filter { known[$0.name.description] != $0.target.hex }
        let gone = Set(known.keys).subtracting(lines.map(\.name.description))
        if !gone.isEmpty {
            try write { database in for name in gone { try Self.drop(name, from: database) } }
        }
        for line in stale {
            let versions = try loader(line.name, line.target)
            try write { database in
                try Self.drop(line.name.description, from: database)
                for version in versions { try Self.insert(version, into: database) }
                try Self.setTip(line.name, to: line.target, in: database)
            }
        }
        return stale.count
    }

    /// Adds a version whose reference has just moved to its commit.
    ///
    /// If the index had missed the version before, its tip stays behind, and the next `refresh`
    /// reads the whole line.
    public func add(_ version: IndexedVersion) throws(LetheError) {
        try files.step(.updateIndex, version.reference.description)
        try write { database in
            try Self.insert(version, into: database)
            let tip = try String.fetchOne(
                database, sql: "SELECT target FROM tips WHERE reference = ?",
                arguments: [version.reference.description])
            guard tip == version.parent?.hex else { return }
            try Self.setTip(version.reference, to: version.commit, in: database)
        }
    }

    func read<Value: Sendable>(
        _ body: @Sendable (Database) throws -> Value
    ) throws(LetheError) -> Value {
        do {
            return try database.read(body)
        } catch {
            throw IndexFile.failure(error)
        }
    }

    private func write(_ body: @Sendable (Database) throws -> Void) throws(LetheError) {
        do {
            try database.write(body)
        } catch {
            throw IndexFile.failure(error)
        }
    }

    private static func drop(_ reference: String, from database: Database) throws {
        for table in ["tips", "versions", "files", "requests"] {
            try database.execute(
                sql: "DELETE FROM \(table) WHERE reference = ?", arguments: [reference])
        }
    }

    private static func setTip(
        _ reference: ReferenceName, to target: CommitID, in database: Database
    ) throws {
        try database.execute(
            sql: "INSERT OR REPLACE INTO tips VALUES (?, ?)",
            arguments: [reference.description, target.hex])
    }

    private static func insert(_ version: IndexedVersion, into database: Database) throws {
        let reference = version.reference.description
        try database.execute(
            sql: "INSERT OR REPLACE INTO versions VALUES (?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                reference, version.number, version.commit.hex, version.parent?.hex,
                version.operation, version.secondsSince1970, version.summary,
            ])
        for file in version.files {
            try database.execute(
                sql: "INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [
                    reference, version.number, file.path, file.file.digest.hex,
                    file.file.sizeBytes, file.file.assembly?.hex,
                ])
        }
        for request in version.requests {
            try database.execute(
                sql: "INSERT OR REPLACE INTO requests VALUES (?, ?, ?)",
                arguments: [reference, version.number, request])
        }
    }
}
