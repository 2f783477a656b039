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
        for finding in report.findings {
            lines.append("")
            lines.append("\(finding.isDamage ? "BROKEN" : "note") \(finding.place)")
            lines.append("  \(finding.message) [\(finding.code)]")
            lines.append("  what to do: \(finding.remedy)")
        }
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
