internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// What tombstones name and no surviving version needs, for `check`; and what is wrong with the
    /// lines of decisions and receipts.
    func erasedForCheck(_ trusted: TrustedKeys) -> (ErasedContent, [StoreFinding]) {
        var findings: [StoreFinding] = []
        var erased = ErasedContent()
        findings += Self.finding(at: "refs/erasures") { () throws(LetheError) in
            for prefix in ["refs/erasures/", "refs/receipts/", "refs/requests/"] {
                for (name, tip) in try storage.lineage.references(prefix: prefix) {
                    findings += recordFindings(of: name, tip: tip, trusted)
                }
            }
            erased = try erasedContent()
            guard !erased.objects.isEmpty else { return }
            var needs = try objectNeeds(besides: [])
            // What makes this fail is reported by whoever looks at the versions.
            if (try? needs.update()) != nil { erased.objects.subtract(needs.holders.keys) }
        }
        let left = erased.objects.filter(storage.objects.contains)
        if !left.isEmpty { findings.append(Self.unfinished(left.count)) }
        return (erased, findings)
    }

    private func recordFindings(
        of name: ReferenceName, tip: CommitID, _ trusted: TrustedKeys
    ) -> [StoreFinding] {
        let line = RecordLine(registry: self, reference: name)
        return Self.finding(at: name.description) { () throws(LetheError) in
            let history = try storage.lineage.history(from: tip)
            for (commit, parent) in zip(history, history.dropFirst().map { $0.id } + [nil]) {
                try checkSignature(of: commit.id, trusted)
                try line.check(commit.id, after: parent)
            }
            if name.kind == .erasure { try checkVersions(of: name.name) }
            if name.kind == .request { _ = try caseFile(name.name) }
        }
    }

    /// What is revoked or erased must be what the line has under that number.
    private func checkVersions(of model: String) throws(LetheError) {
        guard let stranger = try stranger(in: erasureRecords(of: model), of: model) else { return }
        throw LetheError(
            code: .integrity,
            message: "A record revokes or erases \(model)@v\(stranger.number), but the version of "
                + "that number is another one.",
            remedy: "Restore the lineage from a backup or another clone.")
    }

    /// The first version that records name and that the model's line here has otherwise under its
    /// number.
    func stranger(
        in records: ErasureRecords, of model: String
    ) throws(LetheError) -> VersionReference? {
        guard try storage.lineage.target(of: .model(model)) != nil else { return nil }
        let known = try versions(of: model).map(\.reference)
        // Records may have come before the versions; then the line is shorter.
        let named = records.erased.union(records.revocations.flatMap(\.versions))
            .filter { 1...max(known.count, 1) ~= $0.number }
        return named.subtracting(known).min { $0.number < $1.number }
    }

    private static func unfinished(_ count: Int) -> StoreFinding {
        StoreFinding(
            isDamage: false, code: "erasure-unfinished", place: "objects",
            message: "\(count) objects have a tombstone and are still there.",
            remedy: "Run lethe purge: it goes on where it was stopped, and honours tombstones that "
                + "came from another registry.")
    }
}
