internal import GRDB
public import LetheRecords

extension RegistryIndex {
    /// Every version, ordered by line and number.
    public func versions() throws(LetheError) -> [IndexedVersion] {
        try versions(where: "1", [])
    }

    /// The versions of a line, oldest first.
    public func versions(of reference: ReferenceName) throws(LetheError) -> [IndexedVersion] {
        try versions(where: "reference = ?", [reference.description])
    }

    /// One version of a line; nil if there is none of that number.
    public func version(
        _ number: Int, of reference: ReferenceName
    ) throws(LetheError) -> IndexedVersion? {
        try versions(
            where: "reference = ? AND number = ?", [reference.description, String(number)]
        )
        .first
    }

    /// The version of a commit, in whatever line; nil if it is none.
    public func version(at commit: CommitID) throws(LetheError) -> IndexedVersion? {
        try versions(where: "target = ?", [commit.hex]).first
    }

    /// The versions that have honoured a request, in any line.
    public func versions(honouring request: String) throws(LetheError) -> [IndexedVersion] {
        try versions(
            where: "(reference, number) IN (SELECT reference, number FROM requests"
                + " WHERE request = ?)", [request])
    }

    /// The versions that have a file of that digest, in any line.
    public func versions(containing file: Digest) throws(LetheError) -> [IndexedVersion] {
        try versions(
            where: "(reference, number) IN (SELECT reference, number FROM files"
                + " WHERE digest = ?)", [file.hex])
    }

    /// How the file of a digest is stored; nil if no version has it.
    public func storedFile(_ digest: Digest) throws(LetheError) -> StoredFile? {
        try read { database in
            try Row.fetchOne(
                database, sql: "SELECT digest, size, assembly FROM files WHERE digest = ? LIMIT 1",
                arguments: [digest.hex]
            ).flatMap(Self.storedFile)
        }
    }

    private func versions(
        where condition: String, _ arguments: [String]
    ) throws(LetheError) -> [IndexedVersion] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM versions WHERE \(condition) ORDER BY reference, number",
                arguments: StatementArguments(arguments)
            ).compactMap { try Self.version($0, in: database) }
        }
    }

    private static func version(_ row: Row, in database: Database) throws -> IndexedVersion? {
        let key: StatementArguments = [row["reference"], row["number"]]
        guard let reference = ReferenceName(row["reference"]), let commit = CommitID(row["target"])
        else { return nil }
        let files = try Row.fetchAll(
            database, sql: "SELECT * FROM files WHERE reference = ? AND number = ?", arguments: key
        ).compactMap { row in
            storedFile(row).map { IndexedFile(path: row["path"], file: $0) }
        }
        let requests = try String.fetchAll(
            database, sql: "SELECT request FROM requests WHERE reference = ? AND number = ?",
            arguments: key)
        let parent: String? = row["parent"]
        return IndexedVersion(
            reference: reference, number: row["number"], commit: commit,
            parent: parent.flatMap(CommitID.init), operation: row["operation"],
            secondsSince1970: row["created"], summary: row["summary"], files: files,
            requests: requests)
    }

    private static func storedFile(_ row: Row) -> StoredFile? {
        let assembly: String? = row["assembly"]
        return Digest(hex: row["digest"]).map {
            StoredFile(
                digest: $0, sizeBytes: row["size"],
                assembly: assembly.flatMap(Digest.init(hex:)))
        }
    }
}
