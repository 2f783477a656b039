internal import Foundation
internal import LetheCommandLine
internal import LetheRecords

/// What one request of a sequence came to.
struct ContinualRow {
    /// The retained classes without training samples.
    let withheld: [Int]
    let report: JudgeReport
    let run: RunDescription?
    /// Wall-clock seconds of the whole forget verb.
    let seconds: Double
    /// Wall-clock seconds of judging.
    let judgeSeconds: Double
    /// Whether every gate of the policy held.
    let passed: Bool

    /// Adds the figures as one JSON line, with everything that they depend on.
    func append(to file: URL, name: String) throws {
        try JSONLines.append(json(name), to: file)
    }

    /// The accuracy on the classes without training samples, now and before; nil without any.
    var withheldAccuracy: (now: Double, before: Double)? {
        let classes = report.classes.filter { withheld.contains($0.label) }
        let count = classes.reduce(0) { $0 + $1.sampleCount }
        guard count > 0 else { return nil }
        return (
            Double(classes.reduce(0) { $0 + $1.correctCount }) / Double(count),
            Double(classes.reduce(0) { $0 + $1.originalCorrectCount }) / Double(count)
        )
    }

    private func json(_ name: String) throws -> JSONValue {
        .object([
            "bench": "continual", "name": .string(name),
            "date": .string(Timestamp(Date()).description),
            "machine": .string(Machine.description),
            "seconds": .number(seconds), "judgeSeconds": .number(judgeSeconds),
            "passed": .bool(passed),
            "withheld": .array(withheld.map { .number(Double($0)) }),
            "run": try run.map { try StrictJSON.parse(CanonicalJSON.encode($0)) } ?? .null,
            "report": try report.json(),
        ])
    }
}

/// The table of a sequence of requests, in percent.
struct ContinualTable {
    private var table = Table(
        [
            "request", "Acc_f", "before", "worst Acc_o", "Acc_r", "before", "drop", "worst class",
            "Acc_m", "before", "H-mean", "steps", "forget s", "judge s", "gates",
        ], numbers: Set(1...13))

    var text: String { table.text }

    /// The newest row, for those who wait.
    var lastLine: String { table.rows.last?.joined(separator: "  ") ?? "" }

    mutating func add(_ row: ContinualRow) {
        let report = row.report
        let earlier = report.forgotten.dropLast().map(\.accuracy).max()
        table.add(
            "\(report.forgotten.count)",
            Numbers.percent(report.forgotten.last?.accuracy ?? 0),
            Numbers.percent(report.forgotten.last?.originalAccuracy ?? 0),
            earlier.map(Numbers.percent) ?? "-", Numbers.percent(report.retained.accuracy),
            Numbers.percent(report.retained.originalAccuracy),
            Numbers.percent(report.retained.drop),
            Numbers.percent(report.retained.worstClassDrop),
            row.withheldAccuracy.map { Numbers.percent($0.now) } ?? "-",
            row.withheldAccuracy.map { Numbers.percent($0.before) } ?? "-",
            Numbers.percent(report.hMean),
            "\(row.run?.stepCount ?? 0)", String(format: "%.0f", row.seconds),
            String(format: "%.0f", row.judgeSeconds), row.passed ? "held" : "FAILED")
    }
}
