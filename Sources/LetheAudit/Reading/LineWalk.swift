internal import LetheCertificates
internal import LetheRecords
internal import LetheStorage

/// Walks one model's line from its first version to its newest, and checks each.
///
/// Every file of the lineage is read once: a version keeps most files of the one before, and a file
/// is known by the name of its git object.
struct LineWalk {
    let lineage: Lineage
    let source: AuditSource
    let model: String
    private(set) var book = AuditBook()
    private var line: AuditedLine
    /// Requests by their git object.
    private var requests: [String: Digest] = [:]
    /// Requests by the digest of their record.
    private var requestRecords: [Digest: ForgetRequest] = [:]
    /// Digest and length of what a git object stands for.
    private var contents: [String: (digest: Digest, sizeBytes: Int)] = [:]
    private var lastNumber = 0

    init(lineage: Lineage, source: AuditSource, model: String) {
        self.lineage = lineage
        self.source = source
        self.model = model
        line = AuditedLine(model: model)
    }

    /// Walks the line up to a commit.
    mutating func run(to tip: CommitID) -> (line: AuditedLine, book: AuditBook) {
        let failure = AuditBook.failure(of: { () throws(LetheError) in
            for commit in try lineage.history(from: tip).reversed() { visit(commit) }
        })
        book.enter(.history, at: "refs/heads/\(model)", failure)
        return (line, book)
    }

    private mutating func visit(_ commit: LineageCommit) {
        let place = "\(model) at \(commit.id.hex.prefix(12))"
        var signature: CommitSignature?
        var read: AuditedVersion?
        var files: [String: TreeFile] = [:]
        book.check(.signatures, at: place) { () throws(LetheError) in
            signature = try CommitCheck.signature(of: commit.id, in: lineage, source.trusted)
        }
        let parent = line.versions.last
        let unread = AuditBook.failure(of: { () throws(LetheError) in
            files = try lineage.tree(of: commit.id).files
            let version = try version(commit.id, signature, files)
            read = version
            let complaint = version.manifest.contradiction(
                after: parent.map { ($0.manifest, $0.digest) }, on: model)
            if let complaint { throw CommitCheck.inconsistent(version.name, complaint) }
        })
        book.enter(.history, at: place, unread)
        guard var version = read else { return }
        let unanswered = AuditBook.failure(of: { () throws(LetheError) in
            try checkRequests(version, after: parent)
        })
        book.enter(.ancestors, at: version.name, unanswered)
        let others = AuditBook.failure(of: { () throws(LetheError) in
            try checkFiles(version, files)
        })
        book.enter(.files, at: version.name, others)
        if version.manifest.operation == .certify { certify(&version, files) }
        line.versions.append(version)
    }

    private mutating func version(
        _ id: CommitID, _ signature: CommitSignature?, _ files: [String: TreeFile]
    ) throws(LetheError) -> AuditedVersion {
        guard let file = files[LineFiles.manifest] else {
            throw CommitCheck.inconsistent("\(model) at \(id)", "it has no manifest")
        }
        let bytes = try lineage.read(file)
        let manifest = try VersionManifest.read(canonical: bytes)
        var references: [RequestReference] = []
        for id in manifest.requests {
            guard let file = files[LineFiles.request(id)] else {
                throw CommitCheck.inconsistent(
                    "\(model)@v\(manifest.number)", "the request \(id) is missing")
            }
            references.append(RequestReference(id: id, digest: try request(file)))
        }
        return AuditedVersion(
            manifest: manifest, digest: Digest(hashing: bytes), commit: id, signature: signature,
            requests: references)
    }

    private mutating func request(_ file: TreeFile) throws(LetheError) -> Digest {
        if let known = requests[file.blob] { return known }
        let bytes = try lineage.read(file)
        let digest = Digest(hashing: bytes)
        requestRecords[digest] = try ForgetRequest.read(canonical: bytes)
        requests[file.blob] = digest
        return digest
    }

    /// A request that was honoured stays what it was, and its name follows from what it says.
    private mutating func checkRequests(
        _ version: AuditedVersion, after parent: AuditedVersion?
    ) throws(LetheError) {
        let earlier = parent?.requests ?? []
        guard version.requests.starts(with: earlier) else {
            throw CommitCheck.inconsistent(
                version.name, "a request that its parent honoured is missing or was changed")
        }
        for reference in version.requests.dropFirst(earlier.count) {
            guard let request = requestRecords[reference.digest], request.id == reference.id,
                try request.derivedID() == request.id
            else {
                throw CommitCheck.inconsistent(
                    version.name, "the request \(reference.id) was changed")
            }
            line.requests[request.id] = request
        }
    }

    /// The tree holds the manifest's files, the line's records, and nothing else.
    private mutating func checkFiles(
        _ version: AuditedVersion, _ files: [String: TreeFile]
    ) throws(LetheError) {
        for file in version.manifest.files {
            guard let found = files[file.path] else {
                throw CommitCheck.inconsistent(version.name, "\(file.path) is missing")
            }
            let content = try content(of: found)
            guard content.digest == file.digest, content.sizeBytes == file.sizeBytes else {
                throw CommitCheck.inconsistent(
                    version.name, "\(file.path) is not what its manifest names")
            }
        }
        let named = Set(version.manifest.files.map(\.path))
        let ids = Set(version.manifest.requests)
        let stranger = files.keys.sorted().first {
            !named.contains($0) && !LineFiles.isRecord($0, requests: ids)
        }
        if let stranger {
            throw CommitCheck.inconsistent(
                version.name, "its tree has the file \(stranger.prefix(80))")
        }
    }

    private mutating func content(
        of file: TreeFile
    ) throws(LetheError) -> (digest: Digest, sizeBytes: Int) {
        if let known = contents[file.blob] { return known }
        let bytes = try lineage.read(file)
        let pointer = try LargeFilePointer.parse(bytes)
        let found =
            pointer.map { (digest: $0.digest, sizeBytes: $0.sizeBytes) }
            ?? (digest: Digest(hashing: bytes), sizeBytes: bytes.count)
        contents[file.blob] = found
        return found
    }

    private mutating func certify(
        _ version: inout AuditedVersion, _ files: [String: TreeFile]
    ) {
        let check = VersionCertificate(
            lineage: lineage, source: source, requests: line.requests)
        let last = lastNumber
        var found: (file: TreeFile, certificate: CheckedCertificate)?
        book.check(.certificates, at: version.name) { () throws(LetheError) in
            found = try check.read(version, files, after: last)
        }
        guard let (file, certificate) = found else { return }
        lastNumber = certificate.verdict.report.sequenceNumber
        let isRecomputed = check.recompute(certificate, of: version, &book)
        if certificate.verdict.exact != nil {
            check.checkExactness(certificate, of: version, files, &book)
        }
        line.newest = certificate
        version.certificate = CertificateSummary(
            digest: certificate.digest, file: file, signer: certificate.signer.identifier,
            bar: certificate.verdict.judgedBar, tier: certificate.verdict.tier,
            issued: certificate.verdict.issued,
            isRecomputed: isRecomputed, isExact: certificate.verdict.exact != nil)
    }
}
