internal import LetheRecords

/// in-toto Statements v1 in predicates that others have defined, derived from Lethe's records.
///
/// Each is a pure function of records, so that anybody makes it again and compares. None says more
/// than the records do.
enum DerivedStatement {
    /// A statement about files.
    static func statement(
        _ predicateType: String, about files: [VersionFile], _ predicate: JSONValue
    ) -> JSONValue {
        .object([
            "_type": "https://in-toto.io/Statement/v1",
            "subject": .array(files.map { resource(name: $0.path, $0.digest) }),
            "predicateType": .string(predicateType), "predicate": predicate,
        ])
    }

    /// A ResourceDescriptor: something by name and SHA-256 (in-toto/attestation,
    /// spec/v1/resource_descriptor.md).
    static func resource(name: String, _ digest: Digest) -> JSONValue {
        .object([
            "name": .string(name), "digest": .object(["sha256": .string(digest.hex)]),
        ])
    }
}
