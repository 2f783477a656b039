internal import LetheCertificates
public import LetheRecords
public import LetheStorage

/// A version that is given out, with everything that a consumer receives.
public struct Release: Sendable {
    /// The version.
    public let version: Version
    /// What its certificate says; nil for a version that nobody certified.
    public let verdict: ForgetVerdict?
    /// Its files, and its certificate if it has one, ordered by path.
    public let files: [ReleasedFile]

    /// Whether a certificate is among its files.
    public var isCertified: Bool { verdict != nil }
}

/// A file that a consumer receives, and how git names what stands for it.
public struct ReleasedFile: Sendable, Hashable {
    /// The path in the model repository.
    public let path: String
    /// The length in bytes.
    public let sizeBytes: Int
    /// SHA-256 of the file.
    public let digest: Digest
    /// git's name (SHA-1) of the text, or of the git-lfs pointer in its place.
    public let blob: String
    /// The length in bytes of the git-lfs pointer; nil for a file that is text in git.
    public let pointerSizeBytes: Int?
    /// How the store has it; nil for a certificate, which is in the lineage only.
    public let stored: StoredFile?
}

extension Version {
    /// The commit's name in git: forty lower-case hexadecimal digits.
    public var commitName: String { commit.hex }
}

/// Where a model's versions and what was decided about them stood at a moment.
public struct ReleaseMoment: Sendable, Hashable {
    let tip: CommitID?
    let erasures: CommitID?
}

extension Registry {
    /// The version that a revision names, if it is given out.
    ///
    /// - Throws: `refused` for a version that is not certified (unless allowed) or that is revoked,
    ///   naming its certified successor; `notFound`.
    public func released(
        _ revision: Revision, allowingUncertified: Bool
    ) throws(LetheError) -> Version {
        let version = try resolve(revision, fallback: "certified")
        try refuseUnreleased(version, allowingUncertified: allowingUncertified)
        return version
    }

    /// Refuses a version that is not given out.
    ///
    /// - Throws: as `released`.
    public func refuseUnreleased(
        _ version: Version, allowingUncertified: Bool
    ) throws(LetheError) {
        try refuseRevoked(version)
        guard version.manifest.operation == .certify || allowingUncertified else {
            throw LetheError(
                code: .refused, message: "\(version.name) is not certified.",
                remedy: "Pull \(version.manifest.model)@certified, certify it with lethe certify "
                    + "\(version.manifest.model), or take it as it is with --uncertified.")
        }
    }

    /// The version that a tag of a model names; nil if there is no such tag.
    ///
    /// - Throws: `integrity` for a tag that leads to another model's version.
    public func version(tagged tag: String, of model: String) throws(LetheError) -> Version? {
        guard let reference = try? ReferenceName.tag(tag, of: model),
            let commit = try storage.lineage.target(of: reference)
        else { return nil }
        let version = try version(at: commit)
        guard version.manifest.model == model else {
            throw LetheError(
                code: .integrity, message: "The tag \(tag) of \(model) is of another model.",
                remedy: "Run lethe fsck.")
        }
        return version
    }

    /// Whether there is a model of that name.
    public func hasModel(_ name: String) throws(LetheError) -> Bool {
        guard let reference = try? ReferenceName.model(name) else { return false }
        return try storage.lineage.target(of: reference) != nil
    }

    /// Where a model stands: as long as this stays the same, nothing was revoked.
    public func moment(of model: String) throws(LetheError) -> ReleaseMoment {
        ReleaseMoment(
            tip: try storage.lineage.target(of: ReferenceName.model(model)),
            erasures: try storage.lineage.target(of: ReferenceName.erasure(of: model)))
    }

    /// Everything that a consumer of a version receives, its certificate checked.
    ///
    /// - Throws: `integrity` if the certificate or the version's tree does not hold.
    public func release(_ version: Version) throws(LetheError) -> Release {
        var verdict: ForgetVerdict?
        if version.manifest.operation == .certify {
            verdict = try checkedCertificate(of: version, trusted: trustedKeys()).verdict
        }
        let tree = try storage.lineage.tree(of: version.commit)
        var files: [ReleasedFile] = []
        for file in version.manifest.files {
            guard let entry = tree.files[file.path] else {
                throw LetheError(
                    code: .integrity, message: "\(version.name) has no \(file.path) in git.",
                    remedy: "Run lethe fsck.")
            }
            let isText = VersionTree.isText(file.path, sizeBytes: file.sizeBytes)
            let pointer = LargeFilePointer(digest: file.digest, sizeBytes: file.sizeBytes)
            files.append(
                ReleasedFile(
                    path: file.path, sizeBytes: file.sizeBytes, digest: file.digest,
                    blob: entry.blob, pointerSizeBytes: isText ? nil : pointer.bytes.count,
                    stored: file.stored))
        }
        if verdict != nil { files.append(try certificateFile(of: version, in: tree)) }
        return Release(
            version: version, verdict: verdict, files: files.sorted { $0.path < $1.path })
    }

    private func certificateFile(
        of version: Version, in tree: CommitTree
    ) throws(LetheError) -> ReleasedFile {
        let bytes = try certificate(of: version)
        let digest = Digest(hashing: bytes)
        for file in tree.files.values where file.path.hasPrefix(".lethe/certificates/") {
            guard try storage.lineage.read(file) == bytes else { continue }
            return ReleasedFile(
                path: Self.certificateName, sizeBytes: bytes.count, digest: digest,
                blob: file.blob, pointerSizeBytes: nil, stored: nil)
        }
        throw LetheError(
            code: .integrity, message: "The certificate of \(version.name) is damaged.",
            remedy: "Run lethe fsck.")
    }

    /// The bytes of the proof that a version is in the log, as `pull` writes them.
    ///
    /// - Throws: as `proof`.
    public func proofFile(of version: Version) throws(LetheError) -> [UInt8] {
        try proof(of: version).fileBytes
    }

    /// Hands over a run of a released file's bytes in memory, verified as `serve` does.
    ///
    /// - Throws: as `serve`.
    public func stream(
        _ file: ReleasedFile, of version: Version, range: Range<Int>,
        _ body: ([UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) {
        try serve(file, of: version, range: range) { (piece) throws(LetheError) in
            try body(piece.read())
        }
    }

    /// Hands over a run of a released file's bytes, verified as `ObjectStore.serve` does.
    ///
    /// - Throws: `integrity`; what `body` throws.
    public func serve(
        _ file: ReleasedFile, of version: Version, range: Range<Int>,
        _ body: (ServedPiece) throws(LetheError) -> Void
    ) throws(LetheError) {
        guard let stored = file.stored else {
            let bytes = try certificate(of: version)
            guard bytes.count == file.sizeBytes else { throw changed(file, of: version) }
            return try body(.bytes(Array(bytes[range])))
        }
        let lease = storage.objects.leaseForReading([stored])
        defer { withExtendedLifetime(lease) {} }
        try storage.objects.serve(stored, range: range, body)
    }

    private func changed(_ file: ReleasedFile, of version: Version) -> LetheError {
        LetheError(
            code: .integrity, message: "\(file.path) of \(version.name) has changed.",
            remedy: "Run lethe fsck.")
    }
}
