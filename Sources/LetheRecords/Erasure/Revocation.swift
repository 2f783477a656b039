/// Says that versions of a line are no longer given out, why, and what to take instead.
///
/// Written when a certificate overtakes earlier versions, or by hand (`lethe revoke`).
public struct Revocation: Record {
    /// The schema's name.
    public static let schemaName = "lethe.revocation.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The model.
    public var model: String
    /// The versions that are revoked, by number.
    public var versions: [VersionReference]
    /// The requests on whose account they are revoked; none if a person had another reason.
    public var requests: [RequestReference]
    /// The certified version to take instead; nil if there is none.
    public var successor: VersionReference?
    /// Why, in a sentence that names nobody.
    public var reason: String
    /// When; the grace period of `lethe purge` counts from here.
    public var created: Timestamp

    /// Describes a revocation; versions are put in order.
    public init(
        model: String, versions: [VersionReference], requests: [RequestReference],
        successor: VersionReference?, reason: String, created: Timestamp
    ) {
        self.model = model
        self.versions = versions.sorted { $0.number < $1.number }
        self.requests = requests
        self.successor = successor
        self.reason = reason
        self.created = created
    }
}

/// A version of a known line by number and by the digest of its manifest.
public struct VersionReference: Sendable, Hashable, Codable {
    /// The number in its line.
    public var number: Int
    /// The digest of the manifest.
    public var manifest: Digest

    /// Names a version.
    public init(number: Int, manifest: Digest) {
        self.number = number
        self.manifest = manifest
    }
}
