internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

/// What a push, fetch or clone did, for a person and for a program.
enum TransferRendering {
    /// Writes the report, and ends with the exit code of the first line that failed.
    static func finish(
        _ report: TransferReport, _ output: Output, also fields: [String: JSONValue] = [:]
    ) throws {
        output.write(
            .object(fields.merging(report.json) { $1 }), text: text(report))
        if let failure = report.failure { throw ExitCode(failure.code.exitCode) }
    }

    private static func text(_ report: TransferReport) -> String {
        var lines: [String] = []
        for line in report.lines {
            lines.append("\(line.reference.name): \(words(line))")
            if case .failed(let error) = line.outcome, let remedy = error.remedy {
                lines.append("  what to do: \(remedy)")
            }
        }
        lines.append(
            "\(report.tally.objectCount) objects (\(Numbers.size(report.tally.objectSizeBytes))) "
                + "and \(report.tally.gitObjectCount) git objects travelled, every byte verified.")
        if report.erasedCount > 0 {
            lines.append(
                "\(report.erasedCount) objects (\(Numbers.size(report.erasedSizeBytes))) that were "
                    + "purged elsewhere are erased in the receiving registry now.")
        }
        return lines.joined(separator: "\n")
    }

    private static func words(_ line: LineTransfer) -> String {
        switch line.outcome {
        case .moved(_, let to):
            "\(line.versionCount) versions arrived, now at \(to.hex.prefix(12))"
        case .same: "nothing to do"
        case .ahead: "the receiving registry is ahead; nothing to do"
        case .failed(let error): "FAILED: \(error.message)"
        }
    }
}
