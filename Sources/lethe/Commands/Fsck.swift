internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

struct Fsck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fsck",
        abstract: "Recompute every digest, signature and record; trust nothing, change nothing.",
        discussion: """
            With --remote, a copy elsewhere is checked as lethe audit --remote does: its lines are \
            compared with these, every object that it hands out is read, and what this registry \
            revoked and purged must be known there.
            """)

    @Option(help: "A copy to check instead: a remote's name, or an address as remote add takes.")
    var remote: String?

    @OptionGroup var serverOptions: ServerOptions
    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        if let remote {
            return try registryOptions.check(
                remote: remote, askedBy: serverOptions.access, for: registry)
        }
        let report = try registry.check(progress: registryOptions.progress())
        registryOptions.output.write(json(report), text: text(report))
        if !report.isClean { throw ExitCode(ErrorCode.integrity.exitCode) }
    }

    private func text(_ report: StoreReport) -> String {
        var lines = [
            "\(report.objectCount) objects (\(Numbers.size(report.objectSizeBytes))), "
                + "\(report.assemblyCount) files put together, \(report.commitCount) commits, "
                + "\(report.referenceCount) lines checked",
            "\(report.orphanCount) objects (\(Numbers.size(report.orphanSizeBytes))) "
                + "that no version needs",
        ]
        for finding in report.findings {
            lines.append("")
            lines.append("\(finding.isDamage ? "DAMAGED" : "note") \(finding.place)")
            lines.append("  \(finding.message) [\(finding.code)]")
            lines.append("  what to do: \(finding.remedy)")
        }
        lines.append(report.isClean ? "The registry is clean." : "The registry is DAMAGED.")
        return lines.joined(separator: "\n")
    }

    private func json(_ report: StoreReport) -> JSONValue {
        .object([
            "clean": .bool(report.isClean), "objects": .number(Double(report.objectCount)),
            "objectBytes": .number(Double(report.objectSizeBytes)),
            "commits": .number(Double(report.commitCount)),
            "orphans": .number(Double(report.orphanCount)),
            "findings": .array(
                report.findings.map { finding in
                    .object([
                        "damage": .bool(finding.isDamage), "code": .string(finding.code),
                        "place": .string(finding.place), "message": .string(finding.message),
                        "remedy": .string(finding.remedy),
                    ])
                }),
        ])
    }
}
