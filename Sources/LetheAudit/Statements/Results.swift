internal import LetheRecords

/// A verdict as an in-toto test result (in-toto.io/attestation/test-result/v0.1): each gate is one
/// test.
enum TestResult {
    static let predicateType = "https://in-toto.io/attestation/test-result/v0.1"

    static func statement(_ verdict: ForgetVerdict, about files: [VersionFile]) -> JSONValue {
        let report = verdict.report
        func names(_ held: Bool) -> JSONValue {
            .array(
                report.gates.filter { $0.held == held }
                    .map { .string("\($0.gate) (\($0.subject))") })
        }
        var configuration = [
            DerivedStatement.resource(name: "policy \(report.policy.name)", report.policy.digest),
            DerivedStatement.resource(
                name: "dataset \(report.dataset.name), split \(report.split)",
                report.dataset.digest),
        ]
        if let bar = verdict.bar {
            configuration.append(
                DerivedStatement.resource(name: "log entry announced before the run", bar))
        }
        return DerivedStatement.statement(
            predicateType, about: files,
            .object([
                "result": report.passed ? "PASSED" : "FAILED",
                "configuration": .array(configuration), "passedTests": names(true),
                "warnedTests": .array([]), "failedTests": names(false),
            ]))
    }
}

/// A verdict as a simple verification result (in-toto.io/attestation/svr/v0.2): the properties that
/// somebody may rely on.
enum VerificationResult {
    static let predicateType = "https://in-toto.io/attestation/svr/v0.2"

    /// - Parameter verifier: The fingerprint of the key that signed the certificate.
    static func statement(
        _ verdict: ForgetVerdict, by verifier: String, about files: [VersionFile]
    ) -> JSONValue {
        let policy = verdict.report.policy
        // No property is worded as privacy: a tier says what was measured and nothing more.
        let properties =
            ["LETHE_FORGET_TIER_\(verdict.tier)"]
            + (verdict.exact == nil ? [] : ["LETHE_FORGET_EXACT"])
            + (verdict.bar == nil ? [] : ["LETHE_BAR_LOGGED_BEFORE_RUN"])
            + verdict.requests.map { "LETHE_REQUEST_HONOURED_\($0.id)" }
        return DerivedStatement.statement(
            predicateType, about: files,
            .object([
                "verifier": .object([
                    "id": .string("urn:lethe:verifier:\(verifier)"),
                    "policies": .array([
                        DerivedStatement.resource(name: policy.name, policy.digest)
                    ]),
                ]),
                "timeCreated": .string("\(verdict.issued)"),
                "properties": .array(properties.map(JSONValue.string)),
            ]))
    }
}
