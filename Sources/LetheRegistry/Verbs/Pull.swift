public import Foundation
internal import LetheCertificates
public import LetheRecords
internal import LetheStorage

/// What was pulled.
public struct PullOutcome: Sendable {
    /// The version.
    public let version: Version
    /// Where its files are.
    public let folder: URL
    /// Whether a certificate lies beside them.
    public let isCertified: Bool
}

extension Registry {
    /// The name of the certificate's file in a pulled folder.
    public static let certificateName = "lethe-certificate.json"

    /// Writes a version's files into a new folder, every byte verified; the newest certified
    /// version if none is named.
    ///
    /// Beside a certified version lie its certificate and the proof that it is in the log.
    ///
    /// - Parameters:
    ///   - seen: What the consumer has seen erased: an older state of the line is refused.
    ///   - consumer: Who pulls; noted in the registry, if that can be written.
    ///   - now: When, for that note.
    /// - Throws: `refused` for a version that is not certified (unless allowed), that is revoked,
    ///   naming its certified successor, or that is older than what was seen; `integrity` if bytes do not match.
    ///   Nothing is left then.
    public func pull(
        _ revision: Revision, to folder: URL, allowingUncertified: Bool,
        seen: SeenFile? = nil, as consumer: Consumer? = nil,
        now: Timestamp = Timestamp(Date()), progress: @escaping ProgressHandler
    ) throws(LetheError) -> PullOutcome {
        let version = try released(revision, allowingUncertified: allowingUncertified)
        let isCertified = version.manifest.operation == .certify
        let partial = try Self.partialFolder(for: folder)
        do throws(LetheError) {
            try materialise(version, into: partial, progress: progress)
            if isCertified { try writeCertificate(of: version, into: partial) }
            try seen.mapping { (seen) throws(LetheError) in try see(version, in: seen) }
            try Self.rename(partial, to: folder)
        } catch {
            try? FileManager.default.removeItem(at: partial)
            throw error
        }
        if let consumer, !storage.isReadOnly { try note(consumer, pulled: version, now: now) }
        return PullOutcome(version: version, folder: folder, isCertified: isCertified)
    }

    private func writeCertificate(
        of version: Version, into folder: URL
    ) throws(LetheError) {
        _ = try checkedCertificate(of: version, trusted: trustedKeys())
        try TargetFolder(folder).write(
            certificate(of: version), to: TreePath(Self.certificateName))
        // A registry that nobody wrote to since it got its log has nothing to prove yet.
        if description.log == nil, try storage.log.checkpointBytes() == nil { return }
        try TargetFolder(folder).write(
            proof(of: version).fileBytes, to: TreePath(Self.proofName))
    }

    /// The certificate of a version, after checking who signed it and that it is about this
    /// version's parent, its files and all its requests.
    ///
    /// - Throws: `integrity`, or `refused` if no trusted verifier signed it.
    func checkedCertificate(
        of version: Version, trusted: TrustedKeys
    ) throws(LetheError) -> CheckedCertificate {
        let subjects = version.manifest.files.map { Subject(name: $0.path, digest: $0.digest) }
        let checked = try CertificateCheck(trusted: trusted)
            .check(certificate(of: version), files: subjects)
        try checked.requireIssued(for: version.manifest)
        try checkExactness(checked.verdict.exact, of: version)
        return checked
    }

    /// The certificate that a certified version's manifest names.
    ///
    /// - Throws: `integrity` if no file of the lineage has that digest.
    public func certificate(of version: Version) throws(LetheError) -> [UInt8] {
        let found = try certificates(of: version).values.first {
            Digest(hashing: $0) == version.manifest.certificate
        }
        guard let found else {
            throw LetheError(
                code: .integrity, message: "The certificate of \(version.name) is damaged.",
                remedy: "Run lethe fsck.")
        }
        return found
    }

    /// A folder beside the one that is to appear, which must be new or empty.
    ///
    /// - Throws: `alreadyExists`, `io`.
    public static func partialFolder(for folder: URL) throws(LetheError) -> URL {
        let manager = FileManager.default
        let names = try? manager.contentsOfDirectory(atPath: folder.path)
        guard names?.isEmpty ?? !manager.fileExists(atPath: folder.path) else {
            throw LetheError(
                code: .alreadyExists, message: "\(folder.path) exists and is not an empty folder.",
                remedy: "Name a new folder.")
        }
        let target = folder.standardizedFileURL
        let partial = target.deletingLastPathComponent().appending(
            path: ".\(target.lastPathComponent).\(UUID().uuidString).partial")
        do {
            try manager.createDirectory(at: partial, withIntermediateDirectories: true)
        } catch {
            throw LetheError(
                code: .io, message: "The folder \(partial.path) cannot be made.",
                remedy: "Name a folder that you may write.", cause: error)
        }
        return partial
    }

    /// Lets a folder appear whole.
    ///
    /// - Throws: `io`.
    public static func rename(_ partial: URL, to folder: URL) throws(LetheError) {
        do {
            if FileManager.default.fileExists(atPath: folder.path) {
                try FileManager.default.removeItem(at: folder)
            }
            try FileManager.default.moveItem(at: partial, to: folder)
        } catch {
            throw LetheError(
                code: .io, message: "\(folder.path) cannot be made.",
                remedy: "Name a folder that you may write.", cause: error)
        }
    }
}
