internal import LetheRecords

extension Target {
    static let recordTargets = [
        record("registry", RegistryDescription.self), record("request", ForgetRequest.self),
        record("dataset", DatasetRecord.self), record("recipe", Recipe.self),
        record("policy", Policy.self), record("report", JudgeReport.self),
        record("verdict", ForgetVerdict.self), record("version", VersionManifest.self),
    ]

    /// A document of the registry, as a program wrote it and as a person wrote it.
    static func record<Document: Record>(_ name: String, _ type: Document.Type) -> Target {
        Target(
            name: "record-\(name)",
            seeds: ["valid", "invalid", "not-canonical"].map { "schemas/v1/vectors/\($0)/\(name)" }
        ) { input in
            do throws(LetheError) {
                let record = try Document.read(canonical: input)
                checkCanonical(record, input)
            } catch {
                let record = try Document.read(handwritten: input)
                let canonical = expecting("A record is written") { try record.canonicalBytes() }
                checkCanonical(record, canonical)
            }
        }
    }

    /// A record has these bytes and no others, and they say the same to every reader.
    static func checkCanonical<Document: Record>(_ record: Document, _ bytes: [UInt8]) {
        require(
            expecting("A record is written") { try record.canonicalBytes() } == bytes,
            "A record has two canonical forms")
        let again = expecting("What was written is read") { try Document.read(canonical: bytes) }
        require(again == record, "A record says something else when it is read again")
        let value = expecting("A record is JSON") { try StrictJSON.parse(bytes) }
        require(
            expecting("Its JSON is written") { try CanonicalJSON.encode(value) } == bytes,
            "A record is not canonical JSON")
    }
}
