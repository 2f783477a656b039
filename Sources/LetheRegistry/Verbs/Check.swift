internal import Foundation
internal import LetheCertificates
public import LetheRecords
public import LetheStorage

extension Registry {
    /// Recomputes everything and trusts nothing: objects, files, pointers, manifests, requests,
    /// deltas, signatures, certificates, the log, and the index against the lineage.
    ///
    /// It changes nothing and does not stop at the first finding.
    public func check(progress: @escaping ProgressHandler) throws(LetheError) -> StoreReport {
        var reachable: Set<Digest> = []
        var findings: [StoreFinding] = []
        let trusted = try trustedKeys()
        findings += Self.finding(at: storage.layout.root.path) { () throws(LetheError) in
            try RegistrySeal.check(
                in: storage.layout, files: storage.files, trusted: trusted)
        }
        let (erased, erasureFindings) = erasedForCheck(trusted)
        findings += erasureFindings
        for model in try models() {
            let line = try LineCheck(
                self, model: model, trusted: trusted, erased: erased.objects
            ).run()
            reachable.formUnion(line.reachable)
            findings += line.findings
        }
        findings += try datasetFindings(trusted)
        findings += try indexFindings()
        findings += try audit().findings
        let total = storage.objectsSizeBytes
        let hashed = ByteCounter()
        let report = StoreCheck(storage).run(alsoReachable: reachable, erased: erased) {
            count in
            let done = hashed.add(count)
            progress(Progress(phase: "checking (bytes)", done: min(done, total), total: total))
        }
        return report.adding(findings)
    }

    private func datasetFindings(_ trusted: TrustedKeys) throws(LetheError) -> [StoreFinding] {
        var findings: [StoreFinding] = []
        for name in try datasets() {
            let reference = try ReferenceName.dataset(name)
            for commit in try storage.lineage.history(of: reference) {
                let place = "dataset \(name) at \(commit.id.hex.prefix(12))"
                findings += Self.finding(at: place) { () throws(LetheError) in
                    _ = try dataset(at: commit.id)
                    try checkSignature(of: commit.id, trusted)
                }
            }
        }
        return findings
    }

    private func indexFindings() throws(LetheError) -> [StoreFinding] {
        var expected: [IndexedVersion] = []
        for (name, target) in try storage.lineage.references() where !name.isTag {
            expected += try VersionIndexing.versions(
                of: name, tip: target, in: storage.lineage)
        }
        guard Set(expected) != Set(try index.versions()) else { return [] }
        return [
            StoreFinding(
                isDamage: false, code: "index-differs", place: "index.sqlite",
                message: "The index does not say what the lineage says.",
                remedy: "Run lethe reindex.")
        ]
    }

    func checkSignature(of commit: CommitID, _ trusted: TrustedKeys) throws(LetheError) {
        try Self.check(storage.lineage.signature(of: commit), of: commit, trusted)
    }

    static func check(
        _ signature: CommitSignature?, of commit: CommitID, _ trusted: TrustedKeys
    ) throws(LetheError) {
        guard let signature else {
            throw LetheError(
                code: .refused, message: "The commit \(commit) is not signed.",
                remedy: "Somebody else wrote it; move the line back to a signed commit.")
        }
        try SSHSignature(armored: signature.text).check(
            signature.signedBytes, trusted: trusted, role: .operator)
    }

    /// What a check threw, as findings.
    static func finding(
        at place: String, _ check: () throws(LetheError) -> Void
    ) -> [StoreFinding] {
        do throws(LetheError) {
            try check()
            return []
        } catch {
            return [
                StoreFinding(
                    isDamage: error.code != .keyMissing, code: error.code.description, place: place,
                    message: error.message,
                    remedy: error.remedy ?? "Restore the registry from a backup.")
            ]
        }
    }
}
