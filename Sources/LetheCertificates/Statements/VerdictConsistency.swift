internal import LetheRecords

/// Whether a verdict follows from its own figures.
///
/// A signature says who measured; this says that the conclusion is the one that the signed figures
/// allow.
enum VerdictConsistency {
    /// What speaks against the verdict, in a clause for a person; nil if nothing does.
    static func contradiction(in verdict: ForgetVerdict, on files: [Subject]) -> String? {
        let report = verdict.report
        if verdict.verdict != "passed" { return "its verdict is not \"passed\"" }
        if verdict.tier < 1 || verdict.tier > report.tier {
            return "it claims tier \(verdict.tier), which its report does not reach"
        }
        if report.schema != JudgeReport.schemaName { return "its report is a \(report.schema)" }
        if report.gates.isEmpty { return "no gate was applied" }
        if let gate = report.gates.first(where: { !$0.held || !holds($0) }) {
            return "the gate \(gate.gate) did not hold for \(gate.subject)"
        }
        if !files.contains(where: { $0.digest == report.weights }) {
            return "the judged weights are not among its files"
        }
        if verdict.requests.map(\.id) != report.forgotten.map(\.request) {
            return "it lists other requests than its report measured"
        }
        return SampleConsistency.contradiction(in: report)
    }

    private static func holds(_ gate: GateResult) -> Bool {
        switch gate.comparison {
        case "at-most": gate.value <= gate.limit
        case "at-least": gate.value >= gate.limit
        default: false
        }
    }
}
