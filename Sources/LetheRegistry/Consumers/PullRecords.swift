public import LetheRecords

/// Who took a version into a folder; `pulls/<name>.json` of a registry that can be written.
///
/// It is a note and no evidence: the consumer chooses the name, and nothing is signed. It lies
/// outside the lineage, so that it can be removed.
public struct PullNote: Record {
    /// The schema's name.
    public static let schemaName = "lethe.pull.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// What the consumer calls itself: a service or a team, no person.
    public var consumer: String
    /// The consumer's public key, as `ssh-keygen -y` prints it; its receipts are signed with it.
    public var key: String
    /// The model.
    public var model: String
    /// The version.
    public var version: VersionReference
    /// When.
    public var pulled: Timestamp

    /// Describes a pull.
    public init(
        consumer: String, key: String, model: String, version: VersionReference,
        pulled: Timestamp
    ) {
        self.consumer = consumer
        self.key = key
        self.model = model
        self.version = version
        self.pulled = pulled
    }
}

/// What a consumer says that it removed from a folder; the payload of a signed envelope.
public struct PruneReceipt: Record {
    /// The schema's name.
    public static let schemaName = "lethe.prune.v1"
    /// The payload type in the envelope.
    public static let payloadType = "application/vnd.lethe.prune.v1+json"
    /// The schema's name, as written.
    public var schema = schemaName
    /// What the consumer calls itself.
    public var consumer: String
    /// The id of the registry that revoked the versions.
    public var registry: String
    /// The model.
    public var model: String
    /// The revoked versions that the removed files belonged to.
    public var versions: [VersionReference]
    /// The files that were removed, by the SHA-256 of the whole file.
    public var removed: [ErasedObject]
    /// When.
    public var created: Timestamp

    /// Describes a removal.
    public init(
        consumer: String, registry: String, model: String, versions: [VersionReference],
        removed: [ErasedObject], created: Timestamp
    ) {
        self.consumer = consumer
        self.registry = registry
        self.model = model
        self.versions = versions
        self.removed = removed
        self.created = created
    }
}
