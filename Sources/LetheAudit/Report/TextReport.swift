internal import LetheCertificates
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// An audit in words.
public enum TextReport {
    /// The report for a terminal.
    public static func text(_ dossier: Dossier) -> String {
        var lines: [String] = []
        if let log = dossier.log {
            lines.append("\(log.origin): \(log.size) entries")
            lines.append("root \(log.root?.description ?? "unknown")")
        }
        lines.append("\(dossier.lines.count) models, \(dossier.versionCount) versions")
        lines.append("")
        for topic in AuditTopic.allCases {
            guard let tally = dossier.tallies[topic] else { continue }
            let result =
                tally.failedCount > 0
                ? "\(tally.failedCount) FAILED" : tally.checkedCount > 0 ? "holds" : "open"
            let open = tally.openCount > 0 ? ", \(tally.openCount) open" : ""
            lines.append("\(topic.question)\n    \(result) (\(tally.checkedCount) checked\(open))")
        }
        for line in dossier.lines.prefix(50) { lines += ["", describe(line)] }
        if dossier.lines.count > 50 { lines += ["", "… and \(dossier.lines.count - 50) more."] }
        for finding in dossier.findings.prefix(200) {
            lines += [
                "", "\(finding.isDamage ? "BROKEN" : "note") \(printable(finding.place))",
                "  \(printable(finding.message)) [\(printable(finding.code))]",
                "  what to do: \(printable(finding.remedy))",
            ]
        }
        lines.append("")
        if dossier.trustsItself {
            lines.append("The trusted keys came from the registry itself (--trusted names others).")
        }
        lines.append(
            dossier.isClean
                ? "Nothing contradicts what the registry claims."
                : "Something does NOT hold.")
        return lines.joined(separator: "\n")
    }

    private static func describe(_ line: AuditedLine) -> String {
        let certified = line.versions.count { $0.certificate != nil }
        let head =
            "\(printable(line.model)): \(line.versions.count) versions, \(line.requests.count) requests, "
            + "\(certified) certificates"
        let monitor = line.versions.reversed().lazy.compactMap(GradientFigures.init).first
        let tail = monitor.map { "\n    \(printable($0.words))" } ?? ""
        guard let newest = line.newest?.verdict else { return head + tail }
        return head + "; certified last v\(newest.version), tier \(newest.tier), policy "
            + "\(printable(newest.report.policy.name)), \(newest.issued)" + tail
    }

    /// A text without what a terminal would obey.
    private static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .surrogate, .lineSeparator, .paragraphSeparator: "?"
                    default: scalar
                    }
                }))
    }
}
