/// `registry.json`: what a folder must say to be a registry.
public struct RegistryDescription: Record {
    /// The schema's name.
    public static let schemaName = "lethe.registry.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// A random UUID.
    public var id: String
    /// The policy that judges when none is named.
    public var policy: String
    /// When it was made.
    public var created: Timestamp
    /// The name of its transparency log, which must then be there; nil in registries that are older
    /// than the log.
    public var log: String?
    /// How objects are encrypted; nil for a registry that does not encrypt.
    public var encryption: String?
    /// The one way of encrypting that there is: AES-256-GCM in chunks (docs/FORMAT.md).
    public static let chunkedAES = "lethe.object.v1"

    /// Describes a registry.
    public init(
        id: String, policy: String, created: Timestamp, log: String? = nil,
        encryption: String? = nil
    ) {
        self.id = id
        self.policy = policy
        self.created = created
        self.log = log
        self.encryption = encryption
    }
}
