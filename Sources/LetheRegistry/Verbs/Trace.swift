public import LetheRecords
public import LetheStorage

/// Where a version stands with a request.
public struct TraceEntry: Sendable {
    /// `faces@v3`.
    public let version: String
    /// The commit.
    public let commit: CommitID
    /// What was done to make it.
    public let operation: String
    /// Why it is listed.
    public let relation: TraceRelation
    /// Whether the version still contains what the request asked to forget.
    public let contains: Bool
    /// Whether a certificate says that it does not.
    public let isCertified: Bool
    /// Whether it is given out, and whether its bytes are still there.
    public let state: VersionState
    /// The aliases that point at it now.
    public let aliases: [Alias]
}

/// Why a version has to do with a request.
public enum TraceRelation: Sendable, Hashable {
    /// It is of the line that the request was made for.
    case ownLine
    /// A run of its line read the request's dataset.
    case sameData
    /// It has, or follows one that has, a weights file of an affected version, byte for byte.
    case sameWeights(as: String)
    /// So much of its weights, in percent, are tensors of an affected version, byte for byte; they
    /// may be older than the data.
    case sharedTensors(percent: Int, with: String)
    /// It is an adapter that was made on the weights of an affected version.
    case adapter(of: String)

    /// In words.
    public var words: String {
        switch self {
        case .ownLine: "its own line"
        case .sameData: "trained on the same data"
        case .sameWeights(let version): "same weights as \(version)"
        case .sharedTensors(let percent, let version):
            "\(percent) % of its tensors are those of \(version)"
        case .adapter(let version): "an adapter of \(version)"
        }
    }
}

/// Everything that has seen what a request asked to forget.
public struct RequestTrace: Sendable {
    /// The request.
    public let request: ForgetRequest
    /// Every version, by line and number.
    public let entries: [TraceEntry]
    /// What remains exposed, one sentence each with what to do.
    public let exposed: [String]
    /// Those of them that end by themselves: copies that the operator named, with their day.
    public let expiring: [String]
}

extension Registry {
    /// Lists every version of the request's model, every version anywhere that was trained on its
    /// data, that has an affected version's weights or follows one that has, and says which still
    /// contain it and what remains exposed.
    ///
    /// - Throws: `notFound` if no version has honoured such a request.
    public func trace(_ id: String) throws(LetheError) -> RequestTrace {
        let request = try honouredRequest(id)
        let entries = try entries(concerning: request)
        let expiring = try copiesThatKeep(request)
        return RequestTrace(
            request: request, entries: entries,
            exposed: entries.compactMap(Self.exposure) + expiring, expiring: expiring)
    }

    /// Every version that has to do with a request, honoured or not, by line and number.
    func entries(concerning request: ForgetRequest) throws(LetheError) -> [TraceEntry] {
        var search = TraceSearch(self, request)
        try search.addTrained()
        try search.addSameWeights()
        try search.addSharedTensors()
        try search.addAdapters()
        return search.entries
    }

    private func honouredRequest(_ id: String) throws(LetheError) -> ForgetRequest {
        guard let first = try index.firstCommit(honouring: id) else {
            throw LetheError(
                code: .notFound, message: "No version has honoured a request \"\(id)\".",
                remedy: "See lethe log and lethe show for the requests of each line.")
        }
        return try request(id, at: first)
    }

    private static func exposure(_ entry: TraceEntry) -> String? {
        guard entry.contains, entry.state != .erased else { return nil }
        let model = entry.version.split(separator: "@")[0]
        switch entry.relation {
        case .sharedTensors, .adapter:
            guard entry.state == .current else { break }
            return "\(entry.version) may know it: \(entry.relation.words). Look at where it came "
                + "from, or lethe revoke \(entry.version)."
        case .ownLine, .sameData, .sameWeights: break
        }
        let aliases = entry.aliases.map { " as \($0.rawValue)" }.joined()
        return entry.state == .current
            ? "\(entry.version) is given out\(aliases). Forget on that line and certify it, or "
                + "lethe revoke \(entry.version)."
            : "\(entry.version) is revoked, but its bytes are still there: lethe purge \(model)."
    }

    /// Copies that the operator named in receipts for this request and that have not let go yet.
    private func copiesThatKeep(_ request: ForgetRequest) throws(LetheError) -> [String] {
        let records = try modelsWithErasures().mapping(erasureRecords(of:))
        let own = Set(
            records.flatMap(\.tombstones)
                .filter { $0.record.requests.contains { $0.id == request.id } }.map(\.digest))
        var latest: [String: CopyExpiry] = [:]
        for receipt in try receipts() where !own.isDisjoint(with: receipt.tombstones) {
            for copy in receipt.copies { latest[copy.name] = copy }
        }
        return latest.values.sorted { $0.name < $1.name }.map {
            "The \($0.kind.rawValue) \($0.name) keeps what was erased until \($0.expires)."
        }
    }
}
