internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Checks the life of each request to erase: its steps are in order and each is signed by the key
/// that it names, as many operators accepted as had to, what it says of versions is so, and when it
/// was answered.
struct RequestLifeCheck {
    /// The models at hand, by name.
    let lines: [String: AuditedLine]
    /// The policies at hand that want more than one operator to accept.
    let strictest: Policy?
    /// The latest moment that anything in the lineage names; an audit has no other clock.
    let newestTime: Timestamp?

    init(lines: [AuditedLine], records: [AuditedRecords], policies: [Policy]) {
        self.lines = Dictionary(lines.map { ($0.model, $0) }) { one, _ in one }
        strictest = policies.filter { Self.approvals($0) > 1 }.max {
            (Self.approvals($0), $0.name) < (Self.approvals($1), $1.name)
        }
        newestTime =
            (lines.flatMap(\.versions).map(\.manifest.created)
            + records.flatMap(\.entries).map(\.time)).max()
    }

    /// Checks one line, and says what is worth knowing of it.
    func run(_ records: AuditedRecords, _ book: inout AuditBook) {
        var file: CaseFile?
        for entry in records.entries {
            let place = "\(records.reference) \(entry.step)/\(entry.number).json"
            let failure = AuditBook.failure(of: { () throws(LetheError) in
                guard var known = file else {
                    file = try Self.opening(entry, of: records)
                    return
                }
                let step = try Self.step(entry, at: place)
                try known.add(step)
                file = known
                try requireTrue(step, of: known.opening, at: place)
            })
            book.enter(.requests, at: place, failure)
            // What follows a step that does not hold cannot be put in order.
            if failure != nil { return }
        }
        guard let file else { return }
        noteDue(file, records, &book)
        noteApprovals(file, records, &book)
    }

    private static func opening(
        _ entry: AuditedRecord, of records: AuditedRecords
    ) throws(LetheError) -> CaseFile {
        let opening = try ErasureCase.read(canonical: entry.bytes)
        guard entry.step == "received", try opening.id == opening.derivedID(),
            opening.id == records.reference.name
        else {
            throw CommitCheck.inconsistent(
                "\(records.reference)", "it does not begin with the request of that name")
        }
        return CaseFile(opening)
    }

    private static func step(
        _ entry: AuditedRecord, at place: String
    ) throws(LetheError) -> CaseStep {
        let step = try CaseStep.read(canonical: entry.bytes)
        guard step.step.rawValue == entry.step else {
            throw CommitCheck.inconsistent(place, "it is the step \(step.step.rawValue)")
        }
        guard let signature = entry.signature,
            try SSHSignature(armored: signature.text).key.identifier == step.operatorKey
        else { throw CommitCheck.inconsistent(place, "another key signed it than it names") }
        guard step.created == entry.time else {
            throw CommitCheck.inconsistent(
                place, "it names \(step.created), but its commit was made on \(entry.time)")
        }
        return step
    }

    /// What a step says of versions and certificates must be so.
    private func requireTrue(
        _ step: CaseStep, of opening: ErasureCase, at place: String
    ) throws(LetheError) {
        guard [.run, .verified].contains(step.step), let named = step.version,
            let line = lines[opening.model]
        else { return }
        guard let version = line.versions.first(where: { $0.reference == named }) else {
            throw CommitCheck.inconsistent(
                place, "there is no \(opening.model)@v\(named.number) as it names it")
        }
        let requests = step.requests ?? []
        guard requests.allSatisfy({ version.requests.contains($0) }) else {
            throw CommitCheck.inconsistent(
                place, "\(version.name) has not honoured a request that it names")
        }
        let honoured = requests.compactMap { line.requests[$0.id] }
            .filter { $0.dataset.name == opening.dataset.name }
        guard Set(honoured.flatMap(\.classes)).isSuperset(of: opening.classes) else {
            throw CommitCheck.inconsistent(
                place, "the requests that it names do not cover \(opening.coverage)")
        }
        guard step.step == .run || version.certificate?.digest == step.certificate else {
            throw CommitCheck.inconsistent(
                place, "the certificate that it names is not that of \(version.name)")
        }
    }

    /// Says whether the requester was answered in time (GDPR article 12(3)).
    private func noteDue(
        _ file: CaseFile, _ records: AuditedRecords, _ book: inout AuditBook
    ) {
        let answered = (file.newest(.closed) ?? file.newest(.refused))?.created
        guard file.state != .withdrawn, let moment = answered ?? newestTime, moment > file.due
        else { return }
        book.note(
            code: answered == nil ? "request-overdue" : "request-late",
            at: "\(records.reference)",
            "The request \(file.opening.id) was due on \(file.due) and "
                + (answered.map { "was answered on \($0)." }
                    ?? "is still \(file.state.words) on \(moment), the newest date of the lineage."),
            remedy: "Ask the operator why; GDPR article 12(3) gives one month, three if told.")
    }

    /// Says where fewer operators accepted than a policy at hand asks for.
    private func noteApprovals(
        _ file: CaseFile, _ records: AuditedRecords, _ book: inout AuditBook
    ) {
        guard let strictest, file.newest(.accepted) != nil,
            file.approvals.count < Self.approvals(strictest),
            ![.identified, .awaitingApproval, .withdrawn, .refused].contains(file.state)
        else { return }
        book.note(
            code: "request-few-approvals", at: "\(records.reference)",
            "\(file.approvals.count) operator accepted \(file.opening.id); the policy "
                + "\(strictest.name) asks for \(Self.approvals(strictest)).",
            remedy: "Ask whether that policy held for this request.")
    }

    private static func approvals(_ policy: Policy) -> Int {
        policy.requests?.approvalMinimum ?? 1
    }
}
