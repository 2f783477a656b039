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
    /// - Throws: `integrity`, `refused`, `notFound`.
    public static func check(
        certificate: URL, folder: URL?, allowedSigners: URL
    ) throws(LetheError) -> CheckedCertificate {
        let text = String(decoding: try read(allowedSigners), as: UTF8.self)
        let check = CertificateCheck(trusted: try TrustedKeys(allowedSigners: text))
        let files = try folder.mapping { (url) throws(LetheError) in
            try subjects(in: url, except: certificate)
        }
        return try check.check(read(certificate), files: files)
    }

    private static func subjects(
        in folder: URL, except certificate: URL
    ) throws(LetheError) -> [Subject] {
        let skipped = certificate.resolvingSymlinksInPath().path
        let paths =
            FileManager.default.enumerator(atPath: folder.path)?
            .compactMap { $0 as? String } ?? []
        var subjects: [Subject] = []
        for path in paths.sorted() {
            let url = folder.appending(path: path)
            let isFolder = try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory
            let isCertificate = url.resolvingSymlinksInPath().path == skipped
            guard isFolder != true, !isCertificate else { continue }
            subjects.append(Subject(name: path, digest: try digest(of: url)))
        }
        return subjects
    }

    private static func digest(of url: URL) throws(LetheError) -> Digest {
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
