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
    /// Whether the version still contains what the request asked to forget.
    public let contains: Bool
    /// Whether a certificate says that it does not.
    public let isCertified: Bool
}

extension Registry {
    /// Lists every version of the request's model, and every version anywhere that was trained on
    /// its data, and says which still contain it.
    ///
    /// - Throws: `notFound` if no version has honoured such a request.
    public func trace(
        _ id: String
    ) throws(LetheError) -> (request: ForgetRequest, entries: [TraceEntry]) {
        guard let first = try index.firstCommit(honouring: id) else {
            throw LetheError(
                code: .notFound, message: "No version has honoured a request \"\(id)\".",
                remedy: "See lethe log and lethe show for the requests of each line.")
        }
        let honouring = try version(at: first)
        guard honouring.manifest.requests.contains(id) else {
            throw LetheError(
                code: .integrity, message: "The index knows \(id) but the lineage does not.",
                remedy: "Run lethe reindex, then lethe fsck.")
        }
        let request = try ForgetRequest.read(
            canonical: required(VersionTree.requestPath(id), of: honouring))
        let versions = try index.histories(
            including: ReferenceName.model(request.model),
            andLinesTrainedOn: request.dataset.name, honouring: id)
        return (request, versions.map(Self.entry))
    }

    private static func entry(_ version: VersionSummary) -> TraceEntry {
        TraceEntry(
            version: "\(version.reference.name)@v\(version.number)", commit: version.commit,
            operation: version.operation, contains: !version.hasHonoured,
            isCertified: version.hasHonoured
                && version.operation == LetheRecords.Operation.certify.rawValue)
    }
}
