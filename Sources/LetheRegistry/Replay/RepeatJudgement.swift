internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Judges once more what a certificate is about, by the same policy and at the same place in the
    /// error budget.
    func repeatJudgement(
        of version: Version, on judged: Version, by order: ReplayOrder, judge: any Judge,
        keys: KeyFolder, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ReplayReport {
        let recorded = try checkedCertificate(of: version, trusted: trustedKeys()).verdict.report
        guard recorded.reference == nil || order.reference != nil else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(version.name) was judged beside a reference model.",
                remedy: "Name it with --reference; its weights are "
                    + "\(recorded.reference?.hex ?? "").")
        }
        let dataset = try unchanged(recorded.dataset, since: version)
        let again = JudgeOrder(
            revision: order.revision, dataset: recorded.dataset.name, split: recorded.split,
            policy: try unchanged(recorded.policy, named: order.policy, since: version),
            place: RunPlace(
                device: recorded.environment.device, threads: recorded.environment.threads),
            commitmentKey: keys.commitmentKey, reference: order.reference)
        var report = try await report(
            on: judged, by: again, dataset: dataset, number: recorded.sequenceNumber,
            judge: judge, progress: progress)
        let differences = Self.differences(recorded.environment, report.environment)
        report.environment = recorded.environment
        return ReplayReport(
            version: version, compared: .report, recorded: try recorded.digest(),
            repeated: try report.digest(), differences: differences)
    }

    private func unchanged(
        _ reference: PolicyReference, named name: String?, since version: Version
    ) throws(LetheError) -> Policy {
        let policy = try policy(named: name ?? reference.name)
        guard try policy.digest() == reference.digest else {
            throw LetheError(
                code: .refused,
                message: "The policy \"\(policy.name)\" is not the one that \(version.name) was "
                    + "certified by.",
                remedy: "Name the file of that time with --policy; its digest is "
                    + "\(reference.digest).")
        }
        return policy
    }
}
