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
        if let exact = verdict.exact { return contradiction(in: exact, of: verdict, on: files) }
        if verdict.requests.map(\.id) != report.forgotten.map(\.request) {
            return "it lists other requests than its report measured"
        }
        return SampleConsistency.contradiction(in: report)
    }

    /// A request for samples is not measured; that the files never saw them is what is proved.
    private static func contradiction(
        in proof: ExactProof, of verdict: ForgetVerdict, on files: [Subject]
    ) -> String? {
        if let reason = proof.contradiction { return reason }
        let ids = verdict.requests.map(\.id)
        if !Set(verdict.report.forgotten.map(\.request)).isSubset(of: ids) {
            return "its report measured requests that it does not list"
        }
        if proof.deletions.map(\.id) != ids {
            return "it lists other requests than its proof has deletions for"
        }
        var expected: [String: Digest] = [
            ShardPlanRecord.fileName: proof.plan, "model.safetensors": proof.base,
            EnsembleRecord.fileName: verdict.report.weights,
        ]
        for deletion in proof.deletions {
            expected[Deletion.path(of: deletion.id)] = deletion.digest
        }
        for member in proof.members {
            expected[EnsembleRecord.memberPath(ofShard: member.shard)] = member.stages.first?.file
        }
        let found = Dictionary(files.map { ($0.name, $0.digest) }) { first, _ in first }
        if let name = expected.keys.sorted().first(where: { found[$0] != expected[$0] }) {
            return "its proof is about another \(name)"
        }
        let weights = files.filter { $0.name.hasSuffix(".safetensors") }
        if weights.count != proof.members.count + 1 { return "it has weights that nothing proves" }
        return nil
    }

    private static func holds(_ gate: GateResult) -> Bool {
        switch gate.comparison {
        case "at-most": gate.value <= gate.limit
        case "at-least": gate.value >= gate.limit
        default: false
        }
    }
}
