internal import GRDB
public import LetheRecords

/// Questions that read a few small rows, however long the history is.
extension RegistryIndex {
    /// The lines whose full name begins with `prefix`, in order.
    public func lines(prefix: String) throws(LetheError) -> [ReferenceName] {
        try catchUp()
        return try read { database in
            try String.fetchAll(
                database, sql: "SELECT reference FROM tips WHERE reference >= ? ORDER BY reference",
                arguments: [prefix]
            ).prefix { $0.hasPrefix(prefix) }.compactMap(ReferenceName.init)
        }
    }

    /// How many versions a line has; 0 if there is no such line.
    public func versionCount(of reference: ReferenceName) throws(LetheError) -> Int {
        try catchUp(reference)
        return try read { try IndexRows.tip(of: reference.description, in: $0)?.position ?? 0 }
    }

    /// How many versions all lines have.
    public func versionCount() throws(LetheError) -> Int {
        try catchUp()
        return try read { database in
            try Int.fetchOne(database, sql: "SELECT total(position) FROM tips") ?? 0
        }
    }

    /// The commits of a line that a selector names, the wanted one first.
    ///
    /// A claim: compare it with the commit, and `reread` the line if it does not hold.
    public func commits(
        _ selector: VersionSelector, of reference: ReferenceName
    ) throws(LetheError) -> [CommitID] {
        try catchUp(reference)
        let (condition, values) = Self.condition(selector)
        let arguments: StatementArguments = [reference.description]
        return try read { database in
            try String.fetchAll(
                database,
                sql: "SELECT target FROM versions WHERE reference = ? AND \(condition) LIMIT 2",
                arguments: arguments + StatementArguments(values)
            ).compactMap(CommitID.init)
        }
    }

    private static func condition(_ selector: VersionSelector) -> (String, [String]) {
        switch selector {
        case .newest: ("1 ORDER BY position DESC", [])
        case .oldest: ("1 ORDER BY position", [])
        case .newestOf(let operation): ("operation = ? ORDER BY position DESC", [operation])
        case .number(let number): ("number = CAST(? AS INTEGER) ORDER BY position", ["\(number)"])
        case .commitPrefix(let digits):
            ("target >= ? AND target < ? ORDER BY position", [digits, digits + "g"])
        }
    }

    /// The history of a line, newest first, at most `limit` versions.
    public func history(
        of reference: ReferenceName, limit: Int = .max
    ) throws(LetheError) -> [VersionSummary] {
        try catchUp(reference)
        return try summaries(
            where: "reference = ? ORDER BY position DESC LIMIT ?",
            [reference.description, limit])
    }

    /// The history of every line of models, by line, newest first, at most `limit` versions.
    public func histories(limit: Int = .max) throws(LetheError) -> [VersionSummary] {
        try catchUp()
        return try summaries(
            where: "reference >= 'refs/heads/' AND reference < 'refs/heads0'"
                + " ORDER BY reference, position DESC LIMIT ?", [limit])
    }

    /// The oldest version, in the first line by name, that has honoured a request; nil if none has.
    public func firstCommit(honouring request: String) throws(LetheError) -> CommitID? {
        try catchUp()
        return try read { database in
            try String.fetchOne(
                database,
                sql: """
                    SELECT versions.target FROM requests JOIN versions
                    ON versions.reference = requests.reference
                        AND versions.position = requests.first
                    WHERE requests.request = ? ORDER BY requests.reference, requests.first LIMIT 1
                    """, arguments: [request]
            ).flatMap(CommitID.init)
        }
    }

    /// The lines of models in which a run trained on a dataset of that name.
    public func lines(trainedOn dataset: String) throws(LetheError) -> [ReferenceName] {
        try catchUp()
        return try read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT DISTINCT reference FROM versions
                    WHERE dataset = ? AND reference >= 'refs/heads/' AND reference < 'refs/heads0'
                    """, arguments: [dataset]
            ).compactMap(ReferenceName.init)
        }
    }

    private func summaries(
        where condition: String, _ values: [any DatabaseValueConvertible & Sendable]
    ) throws(LetheError) -> [VersionSummary] {
        let sql = """
            SELECT reference, number, target, operation, created, summary, request_count
            FROM versions WHERE \(condition)
            """
        return try read { database in
            var found: [VersionSummary] = []
            let rows = try Row.fetchCursor(
                database, sql: sql, arguments: StatementArguments(values))
            // Rows come line by line, so a name is checked once a line.
            var line: (text: String, name: ReferenceName)?
            while let row = try rows.next() {
                let text: String = row[0]
                if line?.text != text { line = ReferenceName(text).map { (text, $0) } }
                guard let line, line.text == text, let commit = CommitID(row[2]) else { continue }
                found.append(
                    VersionSummary(
                        reference: line.name, number: row[1], commit: commit, operation: row[3],
                        secondsSince1970: row[4], summary: row[5], requestCount: row[6]))
            }
            return found
        }
    }
}
