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
            .object(fields.merging(json(report)) { $1 }), text: text(report))
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

    private static func json(_ report: TransferReport) -> [String: JSONValue] {
        [
            "lines": .array(
                report.lines.map { line in
                    .object([
                        "reference": .string(line.reference.description),
                        "outcome": .string(name(line.outcome)),
                        "versions": .number(Double(line.versionCount)),
                        "error": error(line.outcome),
                    ])
                }),
            "objects": .number(Double(report.tally.objectCount)),
            "objectSizeBytes": .number(Double(report.tally.objectSizeBytes)),
            "gitObjects": .number(Double(report.tally.gitObjectCount)),
        ]
    }

    private static func name(_ outcome: LineTransfer.Outcome) -> String {
        switch outcome {
        case .moved: "moved"
        case .same: "same"
        case .ahead: "ahead"
        case .failed: "failed"
        }
    }

    private static func error(_ outcome: LineTransfer.Outcome) -> JSONValue {
        guard case .failed(let error) = outcome else { return .null }
        return .object([
            "code": .string(error.code.description), "message": .string(error.message),
            "remedy": error.remedy.map(JSONValue.string) ?? .null,
            "cause": error.cause.map(JSONValue.string) ?? .null,
        ])
    }
}
