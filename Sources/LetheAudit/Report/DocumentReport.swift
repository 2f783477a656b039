internal import LetheCertificates
public import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// An audit as one JSON document (docs/guides/auditor.md, "The report").
public enum DocumentReport {
    /// The document.
    public static func json(_ dossier: Dossier) -> JSONValue {
        .object([
            "clean": .bool(dossier.isClean), "trustsItself": .bool(dossier.trustsItself),
            "log": dossier.log.map { log in
                .object([
                    "origin": .string(log.origin), "size": .number(Double(log.size)),
                    "root": log.root.map { .string($0.description) } ?? .null,
                    "savedSize": log.savedSize.map { .number(Double($0)) } ?? .null,
                ])
            } ?? .null,
            "checks": .array(AuditTopic.allCases.compactMap { check($0, dossier) }),
            "models": .array(dossier.lines.map(model)),
            "findings": .array(dossier.findings.map(finding)),
        ])
    }

    private static func check(_ topic: AuditTopic, _ dossier: Dossier) -> JSONValue? {
        dossier.tallies[topic].map { tally in
            .object([
                "name": .string(topic.rawValue), "question": .string(topic.question),
                "checked": .number(Double(tally.checkedCount)),
                "failed": .number(Double(tally.failedCount)),
                "open": .number(Double(tally.openCount)),
            ])
        }
    }

    private static func model(_ line: AuditedLine) -> JSONValue {
        .object([
            "model": .string(line.model), "versions": .array(line.versions.map(version)),
            "judgements": .object([
                "announced": .number(
                    Double(line.judgements.count { $0.stage == .announced })),
                "failed": .number(Double(line.judgements.count { $0.stage == .failed })),
            ]),
        ])
    }

    private static func version(_ version: AuditedVersion) -> JSONValue {
        .object([
            "number": .number(Double(version.manifest.number)),
            "operation": .string(version.manifest.operation.rawValue),
            "created": .string("\(version.manifest.created)"),
            "manifest": .string(version.digest.description),
            "commit": .string(version.commit.hex), "state": .string(version.state.rawValue),
            "requests": .array(version.manifest.requests.map(JSONValue.string)),
            "certificate": version.certificate.map(certificate) ?? .null,
            "gradients": GradientFigures(version).map(gradients) ?? .null,
        ])
    }

    private static func gradients(_ figures: GradientFigures) -> JSONValue {
        .object([
            "meanCosine": .number(figures.meanCosine),
            "conflictingShare": .number(figures.conflictingShare),
            "looks": .array(
                figures.looks.map { look in
                    .object([
                        "step": .number(Double(look.step)),
                        "forgetNorm": .number(look.forgetNorm),
                        "retainNorm": .number(look.retainNorm), "cosine": .number(look.cosine),
                    ])
                }),
        ])
    }

    private static func certificate(_ certificate: CertificateSummary) -> JSONValue {
        .object([
            "digest": .string(certificate.digest.description),
            "signer": .string(certificate.signer), "tier": .number(Double(certificate.tier)),
            "policy": .string(certificate.bar.policy.name),
            "judgement": .number(Double(certificate.bar.number)),
            "issued": .string("\(certificate.issued)"),
            "recomputed": .bool(certificate.isRecomputed), "exact": .bool(certificate.isExact),
        ])
    }

    private static func finding(_ finding: StoreFinding) -> JSONValue {
        .object([
            "damage": .bool(finding.isDamage), "code": .string(finding.code),
            "place": .string(finding.place), "message": .string(finding.message),
            "remedy": .string(finding.remedy),
        ])
    }
}
