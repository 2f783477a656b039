internal import LetheCertificates
internal import LetheRecords
internal import LetheReports
internal import LetheStorage

/// Checks what a certified version says about itself.
struct VersionCertificate {
    let lineage: Lineage
    let source: AuditSource
    /// The requests of the line, by id.
    let requests: [String: ForgetRequest]

    /// The certificate that a version's manifest names, checked: signer, files, version, requests.
    ///
    /// - Parameter last: The number of the line's judgement that was certified before.
    /// - Throws: `integrity`, `refused`.
    func read(
        _ version: AuditedVersion, _ files: [String: TreeFile], after last: Int
    ) throws(LetheError) -> (file: TreeFile, certificate: CheckedCertificate) {
        for (path, file) in files.sorted(by: { $0.key > $1.key }) {
            guard let number = LineFiles.certificateNumber(path), number > last else { continue }
            let bytes = try lineage.read(file)
            guard Digest(hashing: bytes) == version.manifest.certificate else { continue }
            let subjects = version.manifest.files.map { Subject(name: $0.path, digest: $0.digest) }
            let checked = try CertificateCheck(trusted: source.trusted)
                .check(bytes, files: subjects)
            try checked.requireIssued(for: version.manifest, requests: version.requests)
            guard checked.verdict.report.sequenceNumber == number else {
                throw CommitCheck.inconsistent(
                    version.name, "its certificate is of another judgement than its name says")
            }
            return (file, checked)
        }
        throw CommitCheck.inconsistent(
            version.name,
            "the certificate that its manifest names is missing, or older than one "
                + "before it")
    }

    /// Computes the figures again, where the policy is at hand.
    ///
    /// - Returns: whether they were, and hold.
    func recompute(
        _ certificate: CheckedCertificate, of version: AuditedVersion, _ book: inout AuditBook
    ) -> Bool {
        let reference = certificate.verdict.report.policy
        guard let policy = source.policies[reference.digest] else {
            book.leaveOpen(
                .figures, at: version.name,
                "The policy \(reference.name) of the digest \(reference.digest) is not at hand, so "
                    + "the figures were not computed again.",
                remedy: "Ask for the policy's file and name it with --policy.")
            return false
        }
        let honoured = version.requests.compactMap { requests[$0.id] }
        return book.check(.figures, at: version.name) { () throws(LetheError) in
            try VerdictCheck.require(certificate.verdict, policy: policy, requests: honoured)
        }
    }

    /// Checks that an exact certificate is about the stages of its version, and that the plan puts
    /// what was deleted into slices that they never saw.
    func checkExactness(
        _ certificate: CheckedCertificate, of version: AuditedVersion,
        _ files: [String: TreeFile], _ book: inout AuditBook
    ) {
        guard let proof = certificate.verdict.exact else { return }
        book.check(.figures, at: version.name) { () throws(LetheError) in
            guard let state = version.manifest.shards, proof.plan == state.plan,
                proof.base == state.base, proof.deletedSlices == state.deletedSlices,
                proof.members
                    == state.served.map({
                        ExactMember(shard: $0.shard, stages: state.chain(from: $0))
                    })
            else {
                throw CommitCheck.inconsistent(
                    version.name, "its certificate proves the exactness of another version")
            }
        }
        guard let plan = text(ShardPlanRecord.fileName, files),
            let ensemble = text(EnsembleRecord.fileName, files)
        else {
            book.leaveOpen(
                .figures, at: version.name,
                "The plan of \(version.name) is too long for the lineage, so its slices were not "
                    + "looked at.",
                remedy: "Pull the version and run lethe verify --certificate with --files.")
            return
        }
        book.check(.figures, at: version.name) { () throws(LetheError) in
            var deletions: [Deletion] = []
            for reference in proof.deletions {
                guard let bytes = text(Deletion.path(of: reference.id), files) else {
                    throw CommitCheck.inconsistent(
                        version.name, "the list of \(reference.id) is missing")
                }
                deletions.append(try Deletion.read(canonical: bytes))
            }
            let reason = proof.contradiction(
                plan: try ShardPlanRecord.read(plan: plan), deletions: deletions,
                ensemble: try EnsembleRecord.read(canonical: ensemble))
            if let reason { throw CommitCheck.inconsistent(version.name, reason) }
        }
    }

    /// A small text of the version; nil where git holds a pointer only.
    private func text(_ path: String, _ files: [String: TreeFile]) -> [UInt8]? {
        guard let file = files[path], let bytes = try? lineage.read(file),
            (try? LargeFilePointer.parse(bytes)) == .some(nil)
        else { return nil }
        return bytes
    }
}
