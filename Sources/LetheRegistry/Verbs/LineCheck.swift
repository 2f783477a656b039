internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Checks what the records of one line say, from its first version to its newest.
struct LineCheck {
    let registry: Registry
    let model: String
    let trusted: TrustedKeys
    /// What signed tombstones name: it need not be there.
    let erased: Set<Digest>

    init(
        _ registry: Registry, model: String, trusted: TrustedKeys, erased: Set<Digest> = []
    ) {
        self.registry = registry
        self.model = model
        self.trusted = trusted
        self.erased = erased
    }

    func run() throws(LetheError) -> (findings: [StoreFinding], reachable: Set<Digest>) {
        var findings: [StoreFinding] = []
        var reachable: Set<Digest> = []
        var parent: Version?
        let judgements = (try? registry.judgements(of: model)) ?? []
        for commit in try registry.storage.lineage.history(of: ReferenceName.model(model))
            .reversed()
        {
            let place = "\(model) at \(commit.id.hex.prefix(12))"
            findings += Registry.finding(at: place) { () throws(LetheError) in
                try registry.checkSignature(of: commit.id, trusted)
            }
            findings += Registry.finding(at: place) { () throws(LetheError) in
                let version = try registry.version(at: commit.id)
                var unread: LetheError?
                do throws(LetheError) {
                    try check(version, after: parent)
                } catch  where error.code == .keyMissing {
                    // What cannot be read is no reason to doubt what follows it.
                    unread = error
                }
                parent = version
                try checkBar(of: version, judgements)
                reachable.formUnion(version.storedFiles.map { $0.assembly ?? $0.digest })
                if let unread { throw unread }
            }
        }
        return (findings, reachable)
    }

    /// Checks what a version's records say, and that it follows the one before.
    func check(_ version: Version, after parent: Version?) throws(LetheError) {
        let manifest = version.manifest
        let complaint = manifest.contradiction(
            after: parent.map { ($0.manifest, $0.manifestDigest) }, on: model)
        if let complaint { throw inconsistent(complaint) }
        try checkTree(version)
        for request in try registry.requests(of: version) {
            try require(
                request.derivedID() == request.id, "the request \(request.id) was changed")
        }
        try checkDelta(version, parent)
        try checkMask(version)
        try ShardCheck(registry: registry, trusted: trusted, erased: erased)
            .check(version, after: parent)
        if manifest.operation == .certify {
            _ = try registry.checkedCertificate(of: version, trusted: trusted)
        }
    }

    /// The tree must be exactly the one that the manifest leads to.
    private func checkTree(_ version: Version) throws(LetheError) {
        let requests = try registry.requests(of: version)
        let expected = try VersionTree(
            version.manifest, texts: registry.texts(of: version), requests: requests,
            certificates: registry.certificates(of: version),
            sampleLists: registry.sampleLists(of: version, requests: requests))
        let found = try registry.storage.lineage.files(at: version.commit)
        try require(found.count == expected.files.count, "its tree has other files")
        for file in found {
            let bytes = try registry.storage.lineage.read(file)
            try require(
                expected.files[try TreePath(file.path)] == bytes,
                "\(file.path) in its tree is not what the manifest says")
        }
    }

    private func checkDelta(_ version: Version, _ parent: Version?) throws(LetheError) {
        guard let delta = version.manifest.delta else { return }
        try require(version.manifest.operation == .forget, "it has a delta but is no forget")
        let base = try parent.mapping { (version) throws(LetheError) in try version.weights() }
        try require(delta.base == base?.digest, "its delta belongs to another base")
        try require(delta.merge == DeltaMerge.name, "its delta is merged by another function")
        // No pointer names the delta, so the check of the store does not see that it is missing.
        if erased.contains(delta.file.assembly ?? delta.file.digest) { return }
        try registry.storage.objects.stream(delta.file.stored) { (_) throws(LetheError) in }
    }

    /// What a mask holds must be zero in the weights.
    private func checkMask(_ version: Version) throws(LetheError) {
        guard let mask = version.manifest.files.first(where: { $0.path == PruningMask.fileName })
        else { return }
        let weights = try version.weights()
        // What was erased is not there to be compared.
        let isErased = [mask, weights].contains { erased.contains($0.assembly ?? $0.digest) }
        if isErased { return }
        let objects = registry.storage.objects
        var check = MaskedWeights(
            try PruningMask(
                parsing: objects.read(mask.stored, limitBytes: PruningMask.limitBytes)),
            sizeBytes: weights.sizeBytes)
        try objects.stream(weights.stored) { (piece) throws(LetheError) in try check.add(piece) }
        try check.finish()
    }

    private func checkBar(
        of version: Version, _ judgements: [JudgementEntry]
    ) throws(LetheError) {
        guard version.manifest.operation == .certify else { return }
        let certificate = try registry.checkedCertificate(of: version, trusted: trusted)
        try registry.requireBar(of: certificate.verdict, among: judgements)
    }

    private func require(_ holds: Bool, _ complaint: String) throws(LetheError) {
        if !holds { throw inconsistent(complaint) }
    }

    private func inconsistent(_ complaint: String) -> LetheError {
        LetheError(
            code: .integrity, message: "A version of \(model) is inconsistent: \(complaint).",
            remedy: "Restore the lineage from a backup or another clone.")
    }
}
