/// One step in the life of a request: a further record of its line, `refs/requests/<id>`.
public struct CaseStep: Record {
    /// The schema's name.
    public static let schemaName = "lethe.case-step.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The id of the case.
    public var `case`: String
    /// What was done.
    public var step: Kind
    /// Why, in a sentence that names nobody; nil where none is needed.
    public var reason: String?
    /// The version that it is about; nil where there is none.
    public var version: VersionReference?
    /// The requests of the line that honour the case; nil before the run.
    public var requests: [RequestReference]?
    /// The digest of the certificate; only of `verified`.
    public var certificate: Digest?
    /// What honouring it was foreseen to reach; only of `planned`.
    public var reach: CaseReach?
    /// What remains exposed, one sentence each; only of `propagated`.
    public var remaining: [String]?
    /// How many recipients were told, and nothing about who they are; only of `notified`.
    public var recipientCount: Int?
    /// How many different operators have to accept; only of `accepted`.
    public var approvalMinimum: Int?
    /// The fingerprint of the operator's key that signs the step.
    public var operatorKey: String
    /// When.
    public var created: Timestamp

    /// What can be done about a request.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The requester is who they say (GDPR articles 11 and 12(6)).
        case identified
        /// It will be honoured.
        case accepted
        /// It will not be honoured.
        case refused
        /// Two further months are needed (GDPR article 12(3)).
        case extended
        /// What it reaches was looked up.
        case planned
        /// A version has forgotten it, as far as the engine can tell.
        case run
        /// A certificate says so.
        case verified
        /// Nothing that has seen the data is given out or kept.
        case propagated
        /// Whoever received the data or a model was told (GDPR article 19).
        case notified
        /// The requester was answered.
        case closed
        /// The requester no longer wants it.
        case withdrawn
    }

    /// Describes a step; what it needs besides is set afterwards.
    public init(
        case id: String, step: Kind, reason: String? = nil, operatorKey: String,
        created: Timestamp
    ) {
        `case` = id
        self.step = step
        self.reason = reason
        self.operatorKey = operatorKey
        self.created = created
    }
}

/// What honouring a request was foreseen to reach, in numbers.
public struct CaseReach: Sendable, Equatable, Codable {
    /// The versions of any line that know the data.
    public var versionCount: Int
    /// Those of them that are given out now.
    public var givenOutCount: Int
    /// Certified versions among them, whose certificates will no longer count.
    public var lapsingCount: Int
    /// The bytes that will go.
    public var goingSizeBytes: Int
    /// The bytes of those versions that stay, because a living version holds them.
    public var stayingSizeBytes: Int
    /// Consumers that are known to have pulled one of them.
    public var recipientCount: Int

    /// Puts the numbers together.
    public init(
        versionCount: Int, givenOutCount: Int, lapsingCount: Int, goingSizeBytes: Int,
        stayingSizeBytes: Int, recipientCount: Int
    ) {
        self.versionCount = versionCount
        self.givenOutCount = givenOutCount
        self.lapsingCount = lapsingCount
        self.goingSizeBytes = goingSizeBytes
        self.stayingSizeBytes = stayingSizeBytes
        self.recipientCount = recipientCount
    }
}
