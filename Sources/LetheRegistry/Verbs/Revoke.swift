public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Revokes a version by hand: it is no longer given out, and `purge` may erase it.
    ///
    /// - Parameter reason: A sentence that names nobody; it is kept for ever.
    /// - Returns: what was signed and logged.
    /// - Throws: `alreadyExists` if it is revoked, `invalidArgument` for an empty or long reason,
    ///   `conflict` if another writer was first; `io` if it is recorded and a server is still
    ///   sending.
    public func revoke(
        _ revision: Revision, reason: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> Revocation {
        try requireWritable(by: keys)
        let text = reason.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        guard (1...500).contains(text.utf8.count) else {
            throw LetheError(
                code: .invalidArgument, message: "A reason has 1 to 500 bytes.",
                remedy: "Write one sentence with --reason, without anybody's name.")
        }
        let version = try resolve(revision)
        let book = try revocationBook(of: version.manifest.model)
        guard book.state(of: version) == .current else {
            throw LetheError(
                code: .alreadyExists, message: "\(version.name) is revoked already.",
                remedy: "See lethe log \(version.manifest.model).")
        }
        let newest = try newestCertified(of: version.manifest.model)
        let isSelf = newest?.commit == version.commit
        let record = Revocation(
            model: version.manifest.model, versions: [version.reference], requests: [],
            successor: isSelf ? nil : newest?.reference, reason: text, created: now)
        try write(record, summary: "Revoke \(version.name)", keys: keys, now: now)
        return record
    }

    /// Writes down what the newest certificate of a line revokes and no record says yet.
    ///
    /// - Returns: the record; nil if there was nothing to write.
    @discardableResult
    func recordRevocations(
        of model: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) -> Revocation? {
        guard let newest = try newestCertified(of: model) else { return nil }
        let book = try revocationBook(of: model)
        let found = try index.history(of: .model(model)).filter { summary in
            book.isOvertaken(
                number: summary.number, operation: summary.operation,
                requestCount: summary.requestCount)
                && book.revocation(ofNumber: summary.number) == nil
        }
        guard !found.isEmpty else { return nil }
        let versions = try found.mapping { (summary) throws(LetheError) in
            try version(at: summary.commit).reference
        }
        let requests = try requests(of: newest)
        let record = Revocation(
            model: model, versions: versions, requests: try requests.mapping(Self.reference),
            successor: newest.reference,
            reason: "\(newest.name) is certified to have forgotten "
                + "\(requests.map(\.id).joined(separator: ", ")).",
            created: now)
        try write(
            record, summary: "Revoke what \(newest.name) overtakes", keys: keys, now: now)
        return record
    }

    /// Writes the record, and returns when no byte of what it revokes leaves a server any more.
    private func write(
        _ record: Revocation, summary: String, keys: KeyFolder, now: Timestamp
    ) throws(LetheError) {
        try erasureLine(of: record.model).append(
            record.canonicalBytes(), as: .revoke, summary: summary, keys: keys, now: now)
        try waitForSenders(of: record.model)
    }
}
