internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// What the log remembers of a model's judgements, oldest first.
    ///
    /// A judgement that was announced and has neither a failure nor a certificate was interrupted.
    /// Judgements made in another registry are in that one's log.
    ///
    /// - Throws: `integrity` if the log is damaged.
    public func judgements(of model: String) throws(LetheError) -> [JudgementEntry] {
        guard let bytes = try storage.log.checkpointBytes() else { return [] }
        var found: [JudgementEntry] = []
        let scan = LogScan(storage.log, checkpoint: try openCheckpoint(bytes))
        let outcome = try scan.run { (_, entry) throws(LetheError) in
            guard JudgementEntry.claims(entry) else { return }
            let judgement = try JudgementEntry.read(canonical: entry)
            if judgement.model == model { found.append(judgement) }
        }
        if let finding = outcome.findings.first {
            throw LetheError(
                code: .integrity, message: finding.message, remedy: finding.remedy)
        }
        return found
    }

    /// t of the error budget for the next judgement of a version's line: one more than any that
    /// the log or a certificate has.
    func nextJudgement(of version: Version) throws(LetheError) -> Int {
        let logged = try judgements(of: version.manifest.model).map(\.number).max() ?? 0
        return max(logged, try certificates(of: version).keys.max() ?? 0) + 1
    }

    /// Logs the bar before anything is measured.
    ///
    /// - Throws: `io`, `diskFull`: nothing is judged then.
    func announce(
        _ order: JudgeOrder, of version: Version, dataset: DatasetReference, keys: KeyFolder,
        now: Timestamp
    ) throws(LetheError) -> JudgementEntry {
        let model = version.manifest.model
        return try writeOrder(keys).note { () throws(LetheError) in
            JudgementEntry(
                model: model, version: version.manifest.number,
                manifest: version.manifestDigest, number: try nextJudgement(of: version), time: now,
                previous: try judgements(of: model).last?.digest(),
                policy: PolicyReference(
                    name: order.policy.name, digest: try order.policy.digest()),
                dataset: dataset, split: order.split, seed: order.policy.probes?.seed)
        }
    }

    /// Logs that a judgement failed.
    func remember(
        _ bar: JudgementEntry, failedWith report: JudgeReport, keys: KeyFolder
    ) throws(LetheError) {
        _ = try writeOrder(keys).note { () throws(LetheError) in
            var entry = try bar.failed(with: report)
            entry.previous = try judgements(of: bar.model).last?.digest()
            return entry
        }
    }

    /// Makes sure that a certificate's bar is what the log has for that judgement, if this is the
    /// registry that judged it.
    ///
    /// - Throws: `integrity`.
    func requireBar(
        of verdict: ForgetVerdict, among judgements: [JudgementEntry]
    ) throws(LetheError) {
        let bar = judgements.first {
            $0.number == verdict.report.sequenceNumber && $0.stage == .announced
        }
        guard let bar else { return }
        guard try bar.announced(verdict.judgedBar) else {
            throw LetheError(
                code: .integrity,
                message: "The certificate of \(verdict.model)@v\(verdict.version) was issued by "
                    + "another bar than the one that was logged before the run.",
                remedy: "Do not trust it; judge the version again.")
        }
    }
}
