/// `tokens.json` of a registry: who may do what through a server of this registry.
///
/// It belongs to this machine and is no part of the lineage. It holds no token, only the SHA-256 of
/// each: a token is 256 random bits, which nobody finds by trying, so neither salt nor a slow hash
/// would add anything.
public struct AccessTokens: Record {
    /// The schema's name.
    public static let schemaName = "lethe.tokens.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The tokens, in the order in which they were made.
    public var tokens: [AccessToken]

    /// Lists tokens.
    public init(tokens: [AccessToken]) {
        self.tokens = tokens
    }

    /// The token that somebody presents; nil if it is none of these.
    ///
    /// Takes the same time whichever token it is, and whether it is one.
    public func find(_ presented: String) -> AccessToken? {
        let digest = Digest(hashing: Array(presented.utf8)).bytes
        var found: AccessToken?
        for token in tokens {
            let difference = zip(token.digest.bytes, digest).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) }
            if difference == 0 { found = token }
        }
        return found
    }
}

/// What a bearer of a token may do.
public enum AccessScope: String, Sendable, Codable, CaseIterable {
    /// Pull versions and read their records.
    case read
    /// Publish models and versions.
    case publish
    /// Have something forgotten.
    case forget
    /// Have a version judged and certified.
    case certify
    /// Take everything that a mirror needs: every line, decisions too, and the bytes of every
    /// version that is not purged, revoked ones too. With `publish`, also push lines.
    case mirror
    /// Everything, the server's metrics included.
    case admin
}

/// A token without its secret.
public struct AccessToken: Sendable, Hashable, Codable {
    /// A name for people and logs.
    public var name: String
    /// SHA-256 of the token.
    public var digest: Digest
    /// What its bearer may do.
    public var scopes: [AccessScope]
    /// The models that this is about: names, or beginnings of names with a `*` behind; nil for all.
    public var models: [String]?
    /// When it was made.
    public var created: Timestamp

    /// Describes a token.
    public init(
        name: String, digest: Digest, scopes: [AccessScope], models: [String]?, created: Timestamp
    ) {
        self.name = name
        self.digest = digest
        self.scopes = scopes
        self.models = models
        self.created = created
    }

    /// Whether its bearer may do something to a model; to the registry as a whole if none is named.
    public func allows(_ scope: AccessScope, of model: String?) -> Bool {
        guard scopes.contains(scope) || scopes.contains(.admin) else { return false }
        guard let models else { return true }
        guard let model else { return false }
        return models.contains { rule in
            rule.hasSuffix("*") ? model.hasPrefix(rule.dropLast()) : model == rule
        }
    }
}
