/// What one registry did about tombstones: which objects are gone from its disk, which stay and
/// why, and which copies it knows of that are not its own.
public struct DeletionReceipt: Record {
    /// The schema's name.
    public static let schemaName = "lethe.receipt.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The id of the registry that speaks.
    public var registry: String
    /// The digests of the `Tombstones` records that were honoured.
    public var tombstones: [Digest]
    /// The objects that were looked for and are not there.
    public var gone: [ErasedObject]
    /// The objects that stay, with the reason.
    public var kept: [KeptObject]
    /// Where it was looked, one sentence each.
    public var placesChecked: [String]
    /// Replicas and backups that the operator named, with the day by which each lets go.
    public var copies: [CopyExpiry]
    /// When.
    public var created: Timestamp
    /// Fingerprints of the object keys that were destroyed since the receipt before: what was
    /// encrypted with them cannot be read in any copy; nil where there are none.
    public var destroyedKeys: [String]?

    /// Describes a deletion; objects are put in order.
    public init(
        registry: String, tombstones: [Digest], gone: [ErasedObject], kept: [KeptObject],
        placesChecked: [String], copies: [CopyExpiry], created: Timestamp
    ) {
        self.registry = registry
        self.tombstones = tombstones
        self.gone = gone.sorted { $0.digest < $1.digest }
        self.kept = kept.sorted { $0.digest < $1.digest }
        self.placesChecked = placesChecked
        self.copies = copies
        self.created = created
    }
}

/// An object that has a tombstone and stays all the same.
public struct KeptObject: Sendable, Hashable, Codable {
    /// SHA-256 of its bytes.
    public var digest: Digest
    /// Its length in bytes.
    public var sizeBytes: Int
    /// What holds it: a version such as `faces@v4`, or a running command.
    public var holder: String

    /// Names an object and what holds it.
    public init(digest: Digest, sizeBytes: Int, holder: String) {
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.holder = holder
    }
}

/// A copy of the registry and the day after which it no longer has what was erased.
public struct CopyExpiry: Sendable, Hashable, Codable {
    /// The operator's name for the copy.
    public var name: String
    /// `replica` or `backup`.
    public var kind: RegisteredCopy.Kind
    /// By when it has let go, as the operator's configuration says.
    public var expires: Timestamp

    /// Names a copy.
    public init(name: String, kind: RegisteredCopy.Kind, expires: Timestamp) {
        self.name = name
        self.kind = kind
        self.expires = expires
    }
}
