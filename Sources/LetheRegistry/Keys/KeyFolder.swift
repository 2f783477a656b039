public import Foundation
public import LetheCertificates
public import LetheRecords

/// The private keys of the people who run a registry; a folder that is never inside it.
public struct KeyFolder: Sendable {
    /// Signs the commits of the lineage.
    public let operatorKey: SigningKey
    /// Signs certificates; another key, so that nobody certifies their own work.
    public let verifierKey: SigningKey
    /// Ties commitments to samples; destroying it unties them.
    public let commitmentKey: CommitmentKey
    /// Where the keys are; the secret parts of shard plans lie beside them.
    public let url: URL

    /// Makes new keys in a new folder, readable by its owner only.
    ///
    /// - Throws: `alreadyExists` if keys are there, `io`.
    public static func create(at url: URL) throws(LetheError) -> KeyFolder {
        guard !FileManager.default.fileExists(atPath: operatorFile(url).path) else {
            throw LetheError(
                code: .alreadyExists, message: "There are keys in \(url.path).",
                remedy: "Name another folder with --keys.")
        }
        do {
            try FileManager.default.createDirectory(
                at: url, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw LetheError(
                code: .io, message: "The folder \(url.path) cannot be made.",
                remedy: "Name a folder that you may write with --keys.", cause: error)
        }
        try SigningKey().write(to: operatorFile(url))
        try SigningKey().write(to: verifierFile(url))
        try writeCommitmentKey(to: commitmentFile(url))
        return try KeyFolder(contentsOf: url)
    }

    /// Reads the keys of a folder.
    ///
    /// - Throws: `notFound` naming the file that is missing, `malformed`.
    public init(contentsOf url: URL) throws(LetheError) {
        self.url = url
        operatorKey = try SigningKey(contentsOf: Self.operatorFile(url))
        verifierKey = try SigningKey(contentsOf: Self.verifierFile(url))
        commitmentKey = try Self.readCommitmentKey(Self.commitmentFile(url))
    }

    /// The public halves, as a registry trusts them.
    public func trustedKeys() throws(LetheError) -> TrustedKeys {
        try TrustedKeys([
            TrustedKeys.Entry(role: .operator, key: operatorKey.verifyingKey),
            TrustedKeys.Entry(role: .verifier, key: verifierKey.verifyingKey),
        ])
    }

    private static func operatorFile(_ url: URL) -> URL { url.appending(path: "operator.pem") }
    private static func verifierFile(_ url: URL) -> URL { url.appending(path: "verifier.pem") }
    private static func commitmentFile(_ url: URL) -> URL { url.appending(path: "commitment.key") }

    private static func writeCommitmentKey(to url: URL) throws(LetheError) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let made = FileManager.default.createFile(
            atPath: url.path, contents: Data((Hex.encode(bytes) + "\n").utf8),
            attributes: [.posixPermissions: 0o600])
        guard made else {
            throw LetheError(
                code: .io, message: "\(url.path) cannot be written.",
                remedy: "Name a folder that you may write with --keys.")
        }
    }

    private static func readCommitmentKey(_ url: URL) throws(LetheError) -> CommitmentKey {
        guard let text = try? String(contentsOf: url, encoding: .utf8) else {
            throw LetheError(
                code: .notFound, message: "The commitment key \(url.path) cannot be read.",
                remedy: "Name the folder that lethe init filled with --keys.")
        }
        guard let bytes = Hex.decode(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw LetheError(
                code: .malformed, message: "\(url.lastPathComponent) is no commitment key.",
                remedy: "It holds 64 hexadecimal digits; restore it from your backup.")
        }
        return try CommitmentKey(bytes: bytes)
    }
}
