import Foundation
import TestSupport
import Testing

/// A certificate of openssl for 127.0.0.1 that vouches for itself, and its key.
struct OwnCertificate {
    let certificate: String
    let key: String

    init(_ name: String, in folder: URL) throws {
        certificate = folder.appending(path: "\(name).pem").path
        key = folder.appending(path: "\(name)-key.pem").path
        let made = try Program.run(
            "openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
                "-nodes", "-days", "2", "-subj", "/CN=lethe", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
            ], in: folder)
        try #require(made.status == 0, "\(made.errors)")
    }

    var arguments: [String] { ["--tls-certificate", certificate, "--tls-key", key] }
}
