internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// What came of certifying.
public struct CertifyOutcome: Sendable {
    /// The version that was judged.
    public let judged: Version
    /// What was measured.
    public let report: JudgeReport
    /// The certified version; nil if a gate did not hold.
    public let certified: Version?
}

extension Registry {
    /// Judges the newest version of a line and, if every gate holds, signs a certificate and
    /// writes it as the next version, with the same files.
    ///
    /// The bar is logged before anything is measured, and a failure after it, so that every
    /// judgement spends its share of the error budget.
    ///
    /// - Throws: `invalidArgument` if the version is not the newest, `alreadyExists` if it is
    ///   certified, `conflict` if another writer was first.
    public func certify(
        _ order: JudgeOrder, judge: any Judge, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> CertifyOutcome {
        try requireWritable(by: keys, as: .verifier)
        try requireCertifiable(order.revision)
        var order = order
        order.commitmentKey = keys.commitmentKey
        let version = try resolve(order.revision)
        let dataset = try testData(of: version, order)
        let bar = try announce(
            order, of: version, dataset: dataset.reference, keys: keys, now: now)
        let report = try await report(
            on: version, by: order, dataset: dataset, number: bar.number, judge: judge,
            progress: progress)
        guard report.weights == (try version.judged().digest) else {
            throw LetheError(
                code: .integrity, message: "The judge measured other weights than the version's.",
                remedy: "Run the command again; if it happens again, run lethe fsck.")
        }
        try requireAnnounced(report, bar)
        guard report.passed else {
            try remember(bar, failedWith: report, keys: keys)
            return CertifyOutcome(judged: version, report: report, certified: nil)
        }
        let certified = try certify(version, report: report, bar: bar, keys: keys, now: now)
        // What it revokes follows from the certificate; a record that cannot be written now is
        // written by the next command that certifies, revokes or purges.
        _ = try? recordRevocations(of: certified.manifest.model, keys: keys, now: now)
        return CertifyOutcome(judged: version, report: report, certified: certified)
    }

    /// Refuses a report by another bar than the one that was logged.
    private func requireAnnounced(
        _ report: JudgeReport, _ bar: JudgementEntry
    ) throws(LetheError) {
        let isAnnounced =
            report.sequenceNumber == bar.number && report.policy == bar.policy
            && report.dataset == bar.dataset && report.split == bar.split
        guard isAnnounced else {
            throw LetheError(
                code: .integrity,
                message: "The judge measured by another bar than the one that was announced.",
                remedy: "Run the command again; if it happens again, do not trust this judge.")
        }
    }

    private func requireCertifiable(_ revision: Revision) throws(LetheError) {
        let version = try resolve(revision)
        guard let tip = try tip(of: revision.model), tip.commit == version.commit else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(version.name) is not the newest version of its line.",
                remedy: "Certify the newest: lethe certify \(revision.model).")
        }
        guard !version.manifest.requests.isEmpty else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(version.name) has honoured no request; there is nothing to certify.",
                remedy: "Forget something first, or pull it with --uncertified.")
        }
        if version.manifest.operation == .certify {
            throw LetheError(
                code: .alreadyExists, message: "\(version.name) is certified already.",
                remedy: "Pull it with lethe pull \(revision.model)@certified.")
        }
    }

    private func certify(
        _ version: Version, report: JudgeReport, bar: JudgementEntry, keys: KeyFolder,
        now: Timestamp
    ) throws(LetheError) -> Version {
        let requests = try requests(of: version)
        let verdict = ForgetVerdict(
            model: version.manifest.model, version: version.manifest.number,
            manifest: version.manifestDigest, requests: try requests.mapping(Self.reference),
            report: report, verdict: "passed", tier: report.tier,
            notTested: version.manifest.shards == nil ? report.notTested : Self.notTestedOfExact,
            issued: now, bar: try bar.digest(), exact: try exactProof(of: version))
        let subjects = version.manifest.files.map { Subject(name: $0.path, digest: $0.digest) }
        let envelope = try Certificate.issue(verdict, on: subjects, with: keys.verifierKey)
        var certificates = try certificates(of: version)
        certificates[report.sequenceNumber] = envelope
        let batch = storage.objects.batch(of: version.manifest.model)
        let manifest = VersionManifest(
            model: version.manifest.model, number: version.manifest.number + 1,
            parent: version.manifestDigest, operation: .certify, created: now,
            files: try materialised(version.manifest.files, in: batch),
            requests: version.manifest.requests,
            certificate: Digest(hashing: envelope), shards: version.manifest.shards)
        return try write(
            VersionDraft(
                manifest: manifest, texts: texts(of: version), requests: requests,
                certificates: certificates,
                summary: "Certify \(version.name): \(requests.count) "
                    + "\(requests.count == 1 ? "request holds" : "requests hold")"),
            onto: version, objects: batch, keys: keys)
    }

    /// The same files, none of them base and delta any more: a certified version stands on nothing
    /// that must be kept for it.
    private func materialised(
        _ files: [VersionFile], in batch: ObjectBatch
    ) throws(LetheError) -> [VersionFile] {
        let work = try workFolder()
        return try files.mapping { (file) throws(LetheError) in
            guard file.path == VersionTree.weightsName else { return file }
            return VersionFile(
                path: file.path,
                try storage.materialise(
                    file.stored, named: file.path, in: batch, by: work.url))
        }
    }

    static func reference(
        _ request: ForgetRequest
    ) throws(LetheError) -> RequestReference {
        RequestReference(id: request.id, digest: try request.digest())
    }

    /// What an exact certificate rests on and does not prove.
    private static let notTestedOfExact = [
        "whether the base saw the samples before", "whether stages were trained as they say",
        "what comparing with an earlier version reveals", "behaviour after quantisation",
    ]
}
