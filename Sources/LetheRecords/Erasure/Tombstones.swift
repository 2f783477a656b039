/// The decision that objects go for ever, because only revoked versions reach them.
///
/// It is signed and logged before the first object is removed, and it travels with the line, so
/// that another copy of the registry can honour it and nobody takes the gap for a loss.
public struct Tombstones: Record {
    /// The schema's name.
    public static let schemaName = "lethe.tombstones.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The model whose versions lose their bytes.
    public var model: String
    /// The versions, by number.
    public var versions: [VersionReference]
    /// The requests that are honoured by this.
    public var requests: [RequestReference]
    /// The objects, by digest.
    public var objects: [ErasedObject]
    /// The fingerprint of the operator's key that decided it.
    public var operatorKey: String
    /// When it was decided.
    public var created: Timestamp

    /// Describes a decision; versions and objects are put in order.
    public init(
        model: String, versions: [VersionReference], requests: [RequestReference],
        objects: [ErasedObject], operatorKey: String, created: Timestamp
    ) {
        self.model = model
        self.versions = versions.sorted { $0.number < $1.number }
        self.requests = requests
        self.objects = objects.sorted { $0.digest < $1.digest }
        self.operatorKey = operatorKey
        self.created = created
    }
}

/// An object that is to go or has gone: its name and its length.
public struct ErasedObject: Sendable, Hashable, Codable {
    /// SHA-256 of its bytes.
    public var digest: Digest
    /// Its length in bytes.
    public var sizeBytes: Int

    /// Names an object.
    public init(digest: Digest, sizeBytes: Int) {
        self.digest = digest
        self.sizeBytes = sizeBytes
    }
}
