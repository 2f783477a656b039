public import Foundation
public import LetheCertificates
public import LetheRecords

/// Checks certificates against files on disk; needs no registry.
public enum CertificateFiles {
    /// Checks a certificate and, if a folder is given, every file in it.
    ///
    /// - Parameters:
    ///   - certificate: The certificate's file.
    ///   - folder: A pulled folder; nil to check the certificate alone.
    ///   - allowedSigners: The file of trusted keys; there is no default trust.
    ///   - proof: The file of the proof that the certificate is logged; nil for the one in the
    ///     folder, if there is one and the key of an operator is trusted.
    /// - Throws: `integrity`, `refused`, `notFound`.
    public static func check(
        certificate: URL, folder: URL?, allowedSigners: URL, proof: URL? = nil
    ) throws(LetheError) -> CheckedCertificate {
        let text = String(decoding: try read(allowedSigners), as: UTF8.self)
        let trusted = try TrustedKeys(allowedSigners: text)
        let beside = folder?.appending(path: Registry.proofName)
        let files = try folder.mapping { (url) throws(LetheError) in
            try subjects(in: url, except: [certificate] + [proof, beside].compactMap { $0 })
        }
        let checked = try CertificateCheck(trusted: trusted)
            .check(read(certificate), files: files)
        if let folder, let exact = checked.verdict.exact {
            try ExactEvidence(in: folder, for: exact).check(exact)
        }
        if let folder, files?.contains(where: { $0.name == PruningMask.fileName }) == true {
            try MaskFile.check(in: folder)
        }
        if let found = proof ?? present(beside, trusted) {
            try LogProof.file(read(found)).check(logs: checked, trusted: trusted)
        }
        return checked
    }

    private static func present(_ proof: URL?, _ trusted: TrustedKeys) -> URL? {
        guard let proof, !trusted.keys(of: .operator).isEmpty,
            FileManager.default.fileExists(atPath: proof.path)
        else { return nil }
        return proof
    }

    private static func subjects(
        in folder: URL, except others: [URL]
    ) throws(LetheError) -> [Subject] {
        let skipped = Set(others.map { $0.resolvingSymlinksInPath().path })
        let paths =
            FileManager.default.enumerator(atPath: folder.path)?
            .compactMap { $0 as? String } ?? []
        var subjects: [Subject] = []
        for path in paths.sorted() {
            let url = folder.appending(path: path)
            let isFolder = try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory
            let isSkipped = skipped.contains(url.resolvingSymlinksInPath().path)
            guard isFolder != true, !isSkipped else { continue }
            subjects.append(Subject(name: path, digest: try digest(of: url)))
        }
        return subjects
    }

    /// SHA-256 of a file.
    static func digest(of url: URL) throws(LetheError) -> Digest {
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            var hasher = DigestHasher()
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty {
                hasher.update([UInt8](piece))
            }
            return hasher.finalize()
        } catch {
            throw unreadable(url, error)
        }
    }

    private static func read(_ url: URL) throws(LetheError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: url))
        } catch {
            throw unreadable(url, error)
        }
    }

    private static func unreadable(_ url: URL, _ error: any Error) -> LetheError {
        LetheError(
            code: .notFound, message: "\(url.path) cannot be read.",
            remedy: "See that the file is there and that you may read it.", cause: error)
    }
}
