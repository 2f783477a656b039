internal import Foundation
internal import LetheRecords
internal import NIOSSL

/// TLS as the server speaks it: 1.2 or 1.3 (RFC 8996), with a certificate and its key from files.
enum Encryption {
    /// Reads the files; a renewed certificate counts after the next start.
    ///
    /// - Throws: `notFound` if a file cannot be read, `malformed` if it is not PEM, and
    ///   `invalidArgument` if the two do not belong together. No message quotes the key.
    static func read(_ files: ServerSettings.TLSFiles) throws(LetheError) -> TLSConfiguration {
        for (url, name) in [(files.certificate, "certificate"), (files.privateKey, "key")]
        where !FileManager.default.isReadableFile(atPath: url.path) {
            throw LetheError(
                code: .notFound, message: "The TLS \(name) \(url.path) cannot be read.",
                remedy: "Name a PEM file that the server's user may read with --tls-\(name).")
        }
        guard let chain = try? NIOSSLCertificate.fromPEMFile(files.certificate.path),
            !chain.isEmpty
        else { throw wrong(files.certificate, "certificate") }
        guard let key = try? NIOSSLPrivateKey(file: files.privateKey.path, format: .pem)
        else { throw wrong(files.privateKey, "key") }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(key))
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        // Whether they fit is found out only where they are to be used.
        guard (try? NIOSSLContext(configuration: configuration)) != nil else {
            throw LetheError(
                code: .invalidArgument, message: "The TLS key is not the certificate's.",
                remedy: "The file of the certificate begins with the server's own, for that key.")
        }
        return configuration
    }

    private static func wrong(_ url: URL, _ name: String) -> LetheError {
        LetheError(
            code: .malformed, message: "\(url.path) holds no TLS \(name) in PEM.",
            remedy: "It begins with -----BEGIN.")
    }
}
