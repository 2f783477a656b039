/// An entry of the log that is about no version: a judgement that was announced, or that failed.
///
/// The bar is logged before the judge runs, so that nobody chooses it by the figures; and because
/// every judgement is announced, trying again until one passes is counted.
public struct JudgementEntry: Record {
    /// The schema's name.
    public static let schemaName = "lethe.judgement.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The model.
    public var model: String
    /// The number of the version that is judged.
    public var version: Int
    /// The digest of that version's manifest.
    public var manifest: Digest
    /// t of the error budget: this model's judgements, this one included.
    public var number: Int
    /// Whether it is about to be judged, or was and failed.
    public var stage: Stage
    /// When.
    public var time: Timestamp
    /// The digest of the model's judgement entry before this one; nil for the first.
    public var previous: Digest?
    /// The policy, by name and digest.
    public var policy: PolicyReference
    /// The test data and its commitments, by the digest of its record.
    public var dataset: DatasetReference
    /// The split that is measured.
    public var split: String
    /// The seed of the probes; nil for a policy without probes.
    public var seed: Int?
    /// Which definitions of figures, gates and probes (`Self.metrics`).
    public var metrics: String
    /// The digest of the report; nil before the run.
    public var report: Digest?
    /// The gates that did not hold, with what they were applied to; nil before the run.
    public var failures: [String]?

    /// What has become of a judgement.
    public enum Stage: String, Sendable, Codable {
        /// It is about to begin. A passed one has nothing more than this and its certificate.
        case announced
        /// A gate did not hold.
        case failed
    }

    /// The definitions in docs/FORMAT.md, "The gates" and "The probes"; changes with them.
    public static let metrics = "lethe.metrics.v2"

    /// Announces a judgement.
    public init(
        model: String, version: Int, manifest: Digest, number: Int, time: Timestamp,
        previous: Digest?, policy: PolicyReference, dataset: DatasetReference, split: String,
        seed: Int?
    ) {
        self.model = model
        self.version = version
        self.manifest = manifest
        self.number = number
        stage = .announced
        self.time = time
        self.previous = previous
        self.policy = policy
        self.dataset = dataset
        self.split = split
        self.seed = seed
        metrics = Self.metrics
    }

    /// The entry that remembers how an announced judgement failed; it follows this one.
    ///
    /// - Throws: `malformed` if a record does not encode.
    public func failed(with report: JudgeReport) throws(LetheError) -> JudgementEntry {
        var entry = self
        entry.stage = .failed
        entry.previous = try digest()
        entry.report = try report.digest()
        entry.failures = report.gates.filter { !$0.held }.map { "\($0.gate) \($0.subject)" }
        return entry
    }

    /// Whether bytes of a log are such an entry, by the schema that they claim; a search, because
    /// parsing every entry of a long log twice would take as long as everything else.
    public static func claims(_ bytes: [UInt8]) -> Bool {
        bytes.indices.contains {
            bytes[$0] == schemaMember[0] && bytes[$0...].starts(with: schemaMember)
        }
    }

    private static let schemaMember = Array("\"schema\":\"\(schemaName)\"".utf8)
}
