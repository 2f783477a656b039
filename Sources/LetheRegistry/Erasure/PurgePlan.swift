internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Which versions may lose their bytes now, and why the others may not.
struct PurgePlan {
    /// The versions to erase, and the models in order.
    private(set) var chosen: [(model: String, versions: [Version])] = []
    /// Revoked versions that stay for now.
    private(set) var waiting: [WaitingVersion] = []

    var manifests: Set<Digest> { Set(chosen.flatMap { $0.versions.map(\.manifestDigest) }) }

    init(
        _ registry: Registry, models: [String], graceDays: Int, now: Timestamp
    ) throws(LetheError) {
        for model in models {
            let versions = try registry.versions(of: model)
            let book = try registry.revocationBook(of: model)
            var erasable: [Version] = []
            for version in versions where book.state(of: version) == .revoked {
                let reason = try Self.reasonToWait(
                    version, on: versions, book, graceDays: graceDays, now: now, registry)
                if let reason {
                    waiting.append(WaitingVersion(version: version.name, reason: reason))
                } else {
                    erasable.append(version)
                }
            }
            if !erasable.isEmpty { chosen.append((model, erasable)) }
        }
    }

    /// Why a revoked version keeps its bytes for now; nil if nothing speaks for it.
    private static func reasonToWait(
        _ version: Version, on versions: [Version], _ book: RevocationBook, graceDays: Int,
        now: Timestamp, _ registry: Registry
    ) throws(LetheError) -> String? {
        if version.commit == versions.last?.commit {
            return "it is the newest of its line, and whatever follows begins with it"
        }
        let since =
            book.revocation(ofNumber: version.manifest.number)?.created
            ?? versions.last { $0.manifest.operation == .certify }?.manifest.created
        let end = (since ?? now).adding(days: graceDays)
        if now < end { return "its grace period ends \(end)" }
        if version.parent == nil, try !registry.hasYardstick(version, on: versions) {
            return "the line is measured against it, and nobody kept what it answers: run lethe "
                + "yardstick \(version.manifest.model)"
        }
        return nil
    }
}

extension Registry {
    /// Whether somebody kept what a line's first version answers to the data that the line's newest
    /// certificate was measured on; to any data, if there is no certificate.
    fileprivate func hasYardstick(
        _ first: Version, on versions: [Version]
    ) throws(LetheError) -> Bool {
        let kept = try yardsticks(of: first)
        guard let newest = versions.last(where: { $0.manifest.operation == .certify }) else {
            return !kept.isEmpty
        }
        let report = try checkedCertificate(of: newest, trusted: trustedKeys()).verdict.report
        return kept.contains { $0.dataset == report.dataset && $0.split == report.split }
    }
}

extension Timestamp {
    /// This moment so many days later.
    func adding(days: Int) -> Timestamp {
        Timestamp(secondsSince1970: secondsSince1970 + Int64(days) * 86400)
    }
}

extension Registry {
    /// Which objects surviving versions need: those of every commit but the erased versions', those
    /// that tombstones name, and `manifests`, which are about to be.
    ///
    /// - Parameter hasSuccessors: Whether every line is taken to go on, so that its newest version
    ///   holds nothing for being the newest.
    func objectNeeds(
        besides manifests: Set<Digest>, supposing hasSuccessors: Bool = false
    ) throws(LetheError) -> ObjectNeeds {
        var gone = manifests
        for model in try modelsWithErasures() {
            gone.formUnion(try erasureRecords(of: model).erased.map(\.manifest))
        }
        // Whatever follows on a line begins with its newest version, erased elsewhere or not.
        let tips =
            hasSuccessors
            ? [] : Set(try storage.lineage.references(prefix: "refs/heads/").map(\.target))
        let lines = Set(
            try storage.lineage.references().filter { $0.name.kind != .model && !$0.name.isTag }
                .map(\.target))
        return ObjectNeeds(storage, pendingCommits: pendingCommits) {
            (commit) throws(LetheError) in
            try self.claim(of: commit, gone: gone, tips: tips, recordLines: lines)
        }
    }

    private func claim(
        of commit: CommitID, gone: Set<Digest>, tips: Set<CommitID>, recordLines: Set<CommitID>
    ) throws(LetheError) -> ObjectNeeds.Claim {
        if recordLines.contains(commit) { return .nothing }
        let path = try TreePath(VersionTree.manifestPath)
        guard try storage.lineage.readFile(path, at: commit) != nil else {
            return try isRecord(commit) ? .nothing : .everything(holder: "commit \(commit)")
        }
        let version = try version(at: commit)
        if gone.contains(version.manifestDigest), !tips.contains(commit) { return .nothing }
        return .version(
            version.storedFiles, manifest: try version.manifest.canonicalBytes(),
            notNeeded: version.mentioned, holder: version.name)
    }

    /// Whether a commit is one of a dataset, a decision or a receipt: these need no object.
    private func isRecord(_ commit: CommitID) throws(LetheError) -> Bool {
        try storage.lineage.files(at: commit).allSatisfy { file in
            let folder = file.path.split(separator: "/").first.map(String.init) ?? ""
            return file.path == Self.datasetPath || RecordLine.Step(rawValue: folder) != nil
        }
    }
}

extension Version {
    /// What the manifest names without needing it: its parent, the base of its delta, and the
    /// stages of a sharded model that saw what was deleted.
    fileprivate var mentioned: Set<Digest> {
        let revoked = Set(manifest.shards?.revoked ?? [])
        let stages = (manifest.shards?.stages ?? []).map(\.file)
            .filter { revoked.contains($0.digest) }
        return Set(
            [manifest.parent, manifest.delta?.base].compactMap { $0 } + revoked
                + stages.compactMap(\.assembly))
    }
}
