/// `copies.json` of a registry: the replicas and backups that its operator keeps elsewhere.
///
/// Lethe cannot look into them; a deletion receipt repeats what stands here.
public struct RegisteredCopies: Record {
    /// The schema's name.
    public static let schemaName = "lethe.copies.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The copies.
    public var copies: [RegisteredCopy]

    /// Lists copies.
    public init(copies: [RegisteredCopy]) {
        self.copies = copies
    }
}

/// A replica or backup of a registry.
public struct RegisteredCopy: Sendable, Hashable, Codable {
    /// What kind of copy it is.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Another registry that fetches from this one, or is pushed to.
        case replica
        /// A copy that is kept for a time and then thrown away.
        case backup
    }

    /// A name that the operator understands.
    public var name: String
    /// What kind it is.
    public var kind: Kind
    /// How many days it keeps what was removed here.
    public var keepsDays: Int

    /// Describes a copy.
    public init(name: String, kind: Kind, keepsDays: Int) {
        self.name = name
        self.kind = kind
        self.keepsDays = keepsDays
    }
}
