internal import LetheRecords

/// A verdict as a SLSA verification summary (slsa.dev/verification_summary/v1): who looked at the
/// files, by which policy, and what may be relied on.
///
/// The levels are Lethe's own. SLSA reserves names that begin with `SLSA_` for its own levels,
/// and about how the files were built a verdict says nothing.
enum VerificationSummary {
    static let predicateType = "https://slsa.dev/verification_summary/v1"

    /// - Parameters:
    ///   - verifier: The fingerprint of the key that signed the certificate.
    ///   - certificate: SHA-256 of the certificate's file, the attestation that was the input.
    static func statement(
        _ verdict: ForgetVerdict, by verifier: String, certificate: Digest,
        about files: [VersionFile]
    ) -> JSONValue {
        let policy = verdict.report.policy
        let levels =
            ["LETHE_FORGET_TIER_\(verdict.tier)"]
            + (verdict.exact == nil ? [] : ["LETHE_FORGET_EXACT"])
        return DerivedStatement.statement(
            predicateType, about: files,
            .object([
                "verifier": .object(["id": .string("urn:lethe:verifier:\(verifier)")]),
                "timeVerified": .string("\(verdict.issued)"),
                "resourceUri": .string("urn:lethe:model:\(verdict.model)@v\(verdict.version)"),
                "policy": located("urn:lethe:policy:\(policy.name)", policy.digest),
                "inputAttestations": .array([
                    located("urn:sha256:\(certificate.hex)", certificate)
                ]),
                "verificationResult": verdict.report.passed ? "PASSED" : "FAILED",
                "verifiedLevels": .array(levels.map(JSONValue.string)),
            ]))
    }

    /// A ResourceDescriptor that is found by an address.
    private static func located(_ uri: String, _ digest: Digest) -> JSONValue {
        .object([
            "uri": .string(uri), "digest": .object(["sha256": .string(digest.hex)]),
        ])
    }
}
