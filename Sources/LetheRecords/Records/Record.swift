/// A document of the registry: canonical JSON that begins with the name of its schema.
public protocol Record: Codable, Sendable, Equatable {
    /// The name of the schema in `schemas/v1`, for example `lethe.version.v1`.
    static var schemaName: String { get }
    /// The schema that the bytes claim.
    var schema: String { get }
}

extension Record {
    /// The canonical bytes (RFC 8785).
    public func canonicalBytes() throws(LetheError) -> [UInt8] {
        try CanonicalJSON.encode(self)
    }

    /// The digest of the canonical bytes: the record's identity.
    public func digest() throws(LetheError) -> Digest {
        Digest(hashing: try canonicalBytes())
    }

    /// Reads canonical bytes of this schema.
    ///
    /// - Throws: `malformed` for anything else, `unsupported` for another schema.
    public static func read(canonical bytes: [UInt8]) throws(LetheError) -> Self {
        try requireSchema(bytes)
        return try CanonicalJSON.decode(Self.self, from: bytes)
    }

    /// Reads what a person wrote: any white space and order; unknown fields refused.
    public static func read(handwritten bytes: [UInt8]) throws(LetheError) -> Self {
        try requireSchema(bytes)
        return try CanonicalJSON.decodeHandwritten(Self.self, from: bytes)
    }

    private static func requireSchema(_ bytes: [UInt8]) throws(LetheError) {
        let name = try StrictJSON.parse(bytes)["schema"]?.stringValue
        guard name == schemaName else {
            throw LetheError(
                code: .unsupported,
                message: "Expected a \(schemaName) document, found \(name ?? "none").",
                remedy: "A newer document needs a newer Lethe.")
        }
    }
}
