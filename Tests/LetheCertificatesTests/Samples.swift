import LetheCertificates
import LetheRecords

/// A small verdict that follows from its own figures.
enum Samples {
    static let weights = Digest(hashing: "weights".utf8)
    static let files = [
        Subject(name: "model.safetensors", digest: weights),
        Subject(name: "config.json", digest: Digest(hashing: "config".utf8)),
    ]

    static func report() -> JudgeReport {
        JudgeReport(
            weights: weights, original: Digest(hashing: "original".utf8),
            dataset: DatasetReference(name: "d", digest: Digest(hashing: "d".utf8)),
            split: "test",
            policy: PolicyReference(name: "p", digest: Digest(hashing: "p".utf8)),
            sequenceNumber: 1, errorProbability: 0.01,
            forgotten: [
                ForgottenFigure(
                    request: "r-000000000001", classes: [7], sampleCount: 100, correctCount: 1,
                    accuracy: 0.01, accuracyUpperBound: 0.06, originalAccuracy: 0.9, chance: 0.1)
            ],
            retained: RetainedFigure(
                sampleCount: 900, correctCount: 800, originalCorrectCount: 801, lostCount: 3,
                gainedCount: 2, accuracy: 0.8889, originalAccuracy: 0.89, drop: 0.0011,
                dropUpperBound: 0.01, worstClass: nil, worstClassDrop: 0),
            classes: [], hMean: 0.9,
            gates: [
                GateResult(
                    gate: "forgotten-upper-bound", subject: "r-000000000001", value: 0.06,
                    atMost: 0.15)
            ],
            environment: RunEnvironment(
                lethe: "0.1.0", libTorch: "2.13.0", device: "cpu", threads: 2))
    }

    static func verdict(_ change: (inout ForgetVerdict) -> Void = { _ in }) -> ForgetVerdict {
        var verdict = ForgetVerdict(
            model: "m", version: 2, manifest: Digest(hashing: "manifest".utf8),
            requests: [
                RequestReference(id: "r-000000000001", digest: Digest(hashing: "request".utf8))
            ],
            report: report(), verdict: "passed", tier: 1, notTested: ["membership"],
            issued: Timestamp(secondsSince1970: 1_800_000_000))
        change(&verdict)
        return verdict
    }
}

/// A verifier and an operator that trust each other in their roles.
struct Parties {
    let verifier: SigningKey
    let `operator`: SigningKey
    let trusted: TrustedKeys

    init() throws {
        verifier = SigningKey()
        `operator` = SigningKey()
        trusted = try TrustedKeys([
            TrustedKeys.Entry(role: .verifier, key: verifier.verifyingKey),
            TrustedKeys.Entry(role: .operator, key: `operator`.verifyingKey, comment: "on duty"),
        ])
    }
}
