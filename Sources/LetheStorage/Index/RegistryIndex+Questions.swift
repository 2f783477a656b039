internal import GRDB
public import LetheRecords

/// Questions whose answers are whole versions.
extension RegistryIndex {
    /// Every version, ordered by line, oldest first.
    public func versions() throws(LetheError) -> [IndexedVersion] {
        var versions: [IndexedVersion] = []
        for line in try lines(prefix: "refs/") {
            versions += try read { try IndexedLine.versions(of: line, in: $0) }
        }
        return versions
    }

    /// The versions of a line, oldest first.
    public func versions(of reference: ReferenceName) throws(LetheError) -> [IndexedVersion] {
        try catchUp(reference)
        return try read { try IndexedLine.versions(of: reference, in: $0) }
    }

    /// One version of a line; nil if there is none of that number.
    public func version(
        _ number: Int, of reference: ReferenceName
    ) throws(LetheError) -> IndexedVersion? {
        try catchUp(reference)
        return try versions(
            where: "reference = ? AND number = CAST(? AS INTEGER)",
            [reference.description, String(number)]
        ).first
    }

    /// The version of a commit, in whatever line; nil if it is none.
    public func version(at commit: CommitID) throws(LetheError) -> IndexedVersion? {
        try catchUp()
        return try versions(where: "target = ?", [commit.hex]).first
    }

    /// The versions that have honoured a request, in any line.
    public func versions(honouring request: String) throws(LetheError) -> [IndexedVersion] {
        try catchUp()
        return try versions(where: Self.inSpan("requests", "request"), [request])
    }

    /// The versions that have a file of that digest, in any line.
    public func versions(containing file: Digest) throws(LetheError) -> [IndexedVersion] {
        try catchUp()
        return try versions(where: Self.inSpan("files", "digest"), [file.hex])
    }

    /// How the file of a digest is stored; nil if no version has it.
    public func storedFile(_ digest: Digest) throws(LetheError) -> StoredFile? {
        try catchUp()
        return try read { database in
            try Row.fetchOne(
                database, sql: "SELECT digest, size, assembly FROM files WHERE digest = ? LIMIT 1",
                arguments: [digest.hex]
            ).flatMap(Self.storedFile)
        }
    }

    private static func inSpan(_ table: String, _ column: String) -> String {
        """
        EXISTS (SELECT 1 FROM \(table) AS span WHERE span.\(column) = ?
            AND span.reference = versions.reference
            AND span.first <= versions.position AND span.last >= versions.position)
        """
    }

    func versions(
        where condition: String, _ arguments: [String]
    ) throws(LetheError) -> [IndexedVersion] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT * FROM versions WHERE \(condition) ORDER BY reference, position",
                arguments: StatementArguments(arguments)
            ).compactMap { try Self.version($0, in: database) }
        }
    }

    private static func version(_ row: Row, in database: Database) throws -> IndexedVersion? {
        let position: Int = row["position"]
        let key: StatementArguments = [row["reference"], position, position]
        guard let reference = ReferenceName(row["reference"]), let commit = CommitID(row["target"])
        else { return nil }
        let span = "reference = ? AND first <= ? AND last >= ?"
        let files = try Row.fetchAll(
            database.cachedStatement(sql: "SELECT * FROM files WHERE \(span)"), arguments: key
        ).compactMap { row in
            storedFile(row).map { IndexedFile(path: row["path"], file: $0) }
        }
        let requests = try String.fetchAll(
            database.cachedStatement(sql: "SELECT request FROM requests WHERE \(span)"),
            arguments: key)
        let parent: String? = row["parent"]
        let base: String? = row["base"]
        return IndexedVersion(
            reference: reference, number: row["number"], commit: commit,
            parent: parent.flatMap(CommitID.init), operation: row["operation"],
            secondsSince1970: row["created"], summary: row["summary"], files: files,
            requests: requests, dataset: row["dataset"], base: base.flatMap(Digest.init(hex:)))
    }

    static func storedFile(_ row: Row) -> StoredFile? {
        let assembly: String? = row["assembly"]
        return Digest(hex: row["digest"]).map {
            StoredFile(
                digest: $0, sizeBytes: row["size"],
                assembly: assembly.flatMap(Digest.init(hex:)))
        }
    }
}
