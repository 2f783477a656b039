public import LetheRecords
public import LetheStorage

/// One line of a model's history.
public struct LogEntry: Sendable {
    /// The model.
    public let model: String
    /// The version's number in its line.
    public let number: Int
    /// The commit.
    public let commit: CommitID
    /// What was done.
    public let operation: String
    /// When.
    public let created: Timestamp
    /// One sentence.
    public let summary: String
    /// How many requests the line has honoured up to here.
    public let requestCount: Int
    /// Whether it is given out, and whether its bytes are still there.
    public let state: VersionState
}

extension LogEntry {
    /// The commit's name in git: forty lower-case hexadecimal digits.
    public var commitName: String { commit.hex }
}

extension Registry {
    /// The history of a model, newest first; of every model if none is named.
    ///
    /// - Parameter limit: How many entries at most.
    public func log(_ model: String?, limit: Int = .max) throws(LetheError) -> [LogEntry] {
        let found: [VersionSummary]
        if let model {
            found = try index.history(of: ReferenceName.model(model), limit: limit)
            if found.isEmpty { throw try unknown(model: model) }
        } else {
            found = try index.histories(limit: limit)
        }
        let books = try revocationBooks(for: found)
        return found.map { version in
            LogEntry(
                model: version.reference.name, number: version.number, commit: version.commit,
                operation: version.operation,
                created: Timestamp(secondsSince1970: version.secondsSince1970),
                summary: version.summary, requestCount: version.requestCount,
                state: books[version.reference.name]?.state(
                    number: version.number, operation: version.operation,
                    requestCount: version.requestCount) ?? .current)
        }
    }

    /// What is revoked on the lines of these versions, which come newest first; lines on which
    /// nothing can be revoked are left out.
    private func revocationBooks(
        for found: [VersionSummary]
    ) throws(LetheError) -> [String: RevocationBook] {
        let certify = LetheRecords.Operation.certify.rawValue
        var certified: [String: (number: Int, requestCount: Int)] = [:]
        for version in found where version.operation == certify {
            let name = version.reference.name
            certified[name] = certified[name] ?? (version.number, version.requestCount)
        }
        // Decisions about other lines are not read: a page that asks for each line in turn would
        // read all of them for each.
        let names = Set(found.map(\.reference.name))
        var books: [String: RevocationBook] = [:]
        for model in names {
            let isDecided = try hasErasures(of: model)
            guard isDecided || certified[model] != nil else { continue }
            books[model] = RevocationBook(
                try erasureRecords(of: model), certified: certified[model])
        }
        return books
    }

    /// Reads the lineage again and replaces the index.
    ///
    /// - Returns: how many versions it now has.
    public func reindex() throws(LetheError) -> Int {
        try storage.requireWritable()
        try index.rebuild()
        return try index.versionCount()
    }
}
