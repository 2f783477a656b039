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

    /// Describes a registry.
    public init(id: String, policy: String, created: Timestamp) {
        self.id = id
        self.policy = policy
        self.created = created
    }
}
