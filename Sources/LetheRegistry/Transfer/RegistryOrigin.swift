public import LetheRecords

/// Where a clone came from: `origin.json`.
public struct RegistryOrigin: Record {
    /// The schema's name.
    public static let schemaName = "lethe.origin.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The id of the registry that was cloned.
    public var registry: String
    /// The fingerprint of the operator's key that signed that registry's trusted keys.
    public var operatorKey: String
    /// When it was cloned.
    public var created: Timestamp

    /// Describes an origin.
    public init(registry: String, operatorKey: String, created: Timestamp) {
        self.registry = registry
        self.operatorKey = operatorKey
        self.created = created
    }
}
