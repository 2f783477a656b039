/// The predicate of a certificate: which requests hold on which files, by which measure.
public struct ForgetVerdict: Record {
    /// The in-toto predicate type of this schema.
    public static let predicateType = "urn:lethe:predicate:forget-verdict:v1"
    /// The schema's name.
    public static let schemaName = "lethe.verdict.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The model.
    public var model: String
    /// The number of the version that was judged.
    public var version: Int
    /// The digest of that version's manifest.
    public var manifest: Digest
    /// Every request the line has honoured, by id and digest, oldest first.
    public var requests: [RequestReference]
    /// What was measured.
    public var report: JudgeReport
    /// `passed`: the only value a certificate carries.
    public var verdict: String
    /// The tier reached (methods section 10.2): 1 is accuracy, 2 the probes; neither is a statement
    /// about privacy.
    public var tier: Int
    /// What this certificate does not say.
    public var notTested: [String]
    /// When.
    public var issued: Timestamp
    /// The digest of the log's entry that announced the bar before the run; nil in certificates
    /// from before such entries.
    public var bar: Digest?
    /// Why the files never saw what was deleted; only then does a certificate claim exactness.
    public var exact: ExactProof?

    /// Puts a verdict together.
    public init(
        model: String, version: Int, manifest: Digest, requests: [RequestReference],
        report: JudgeReport, verdict: String, tier: Int, notTested: [String], issued: Timestamp,
        bar: Digest? = nil, exact: ExactProof? = nil
    ) {
        self.model = model
        self.version = version
        self.manifest = manifest
        self.requests = requests
        self.report = report
        self.verdict = verdict
        self.tier = tier
        self.notTested = notTested
        self.issued = issued
        self.bar = bar
        self.exact = exact
    }
}

/// A request by id and digest.
public struct RequestReference: Sendable, Equatable, Codable {
    /// The request's id.
    public var id: String
    /// The digest of its canonical bytes.
    public var digest: Digest

    /// Names a request.
    public init(id: String, digest: Digest) {
        self.id = id
        self.digest = digest
    }
}
