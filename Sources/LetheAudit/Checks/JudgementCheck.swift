internal import LetheRecords

/// Checks that each certificate's bar was logged before the judgement, and that judgements were
/// counted.
struct JudgementCheck {
    /// Every judgement that the log has, by model.
    let logged: [String: [JudgementEntry]]

    /// Checks one line's certificates and gives it its judgements.
    func run(on line: inout AuditedLine, _ book: inout AuditBook) {
        let entries = logged[line.model] ?? []
        line.judgements = entries
        let announced = Dictionary(
            entries.filter { $0.stage == .announced }.map { ($0.number, $0) }
        ) { one, _ in one }
        for version in line.versions {
            guard let certificate = version.certificate else { continue }
            guard let bar = announced[certificate.bar.number] else {
                book.leaveOpen(
                    .judgements, at: version.name,
                    "The log at hand has no judgement \(certificate.bar.number) of \(line.model): it "
                        + "was judged elsewhere, or before judgements were announced.",
                    remedy: "Ask for the log of the registry that judged it.")
                continue
            }
            book.check(.judgements, at: version.name) { () throws(LetheError) in
                guard try bar.announced(certificate.bar) else {
                    throw CommitCheck.inconsistent(
                        version.name, "its certificate was issued by another bar than was logged")
                }
            }
        }
    }
}
