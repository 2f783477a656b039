internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// An audit in words, and as JSON.
enum AuditRendering {
    static func text(_ report: AuditReport) -> String {
        var lines = ["\(report.origin): \(report.size) entries", "root \(root(report))"]
        if let savedSize = report.savedSize, report.isClean {
            lines.append("The log extends the saved checkpoint of \(savedSize) entries.")
        }
        lines += report.findings.flatMap(words)
        lines.append(
            report.isClean
                ? "The history is the one that was logged." : "The history is BROKEN.")
        return lines.joined(separator: "\n")
    }

    static func json(_ report: AuditReport) -> JSONValue {
        .object([
            "clean": .bool(report.isClean), "origin": .string(report.origin),
            "size": .number(Double(report.size)),
            "root": report.root.map { .string($0.description) } ?? .null,
            "savedSize": report.savedSize.map { .number(Double($0)) } ?? .null,
            "findings": .array(report.findings.map(json)),
        ])
    }

    static func text(_ report: RemoteAudit) -> String {
        var lines = [
            "\(report.address): \(report.lineCount) lines",
            "\(report.tally.objectCount) objects (\(Numbers.size(report.tally.objectSizeBytes))) "
                + "were read and have the bytes that their digests say",
            "\(report.decisionCount) revocations and purges of this registry are known there",
            "\(report.absentCount) purged objects were asked for and are not there; its receipts "
                + "cover \(report.receiptCount) of the purges",
        ]
        lines += report.findings.flatMap(words)
        lines.append(
            report.isClean
                ? "It honours what was decided here." : "It does NOT honour what was decided here.")
        return lines.joined(separator: "\n")
    }

    static func json(_ report: RemoteAudit) -> JSONValue {
        .object([
            "clean": .bool(report.isClean), "remote": .string(report.address),
            "lines": .number(Double(report.lineCount)),
            "objects": .number(Double(report.tally.objectCount)),
            "objectSizeBytes": .number(Double(report.tally.objectSizeBytes)),
            "decisions": .number(Double(report.decisionCount)),
            "purgedAndAbsent": .number(Double(report.absentCount)),
            "purgesInReceipts": .number(Double(report.receiptCount)),
            "findings": .array(report.findings.map(json)),
        ])
    }

    private static func words(_ finding: StoreFinding) -> [String] {
        [
            "", "\(finding.isDamage ? "BROKEN" : "note") \(finding.place)",
            "  \(finding.message) [\(finding.code)]", "  what to do: \(finding.remedy)",
        ]
    }

    private static func json(_ finding: StoreFinding) -> JSONValue {
        .object([
            "damage": .bool(finding.isDamage), "code": .string(finding.code),
            "place": .string(finding.place), "message": .string(finding.message),
            "remedy": .string(finding.remedy),
        ])
    }

    private static func root(_ report: AuditReport) -> String {
        report.root?.description ?? "unknown"
    }
}
