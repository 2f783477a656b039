internal import Crypto
public import LetheRecords

/// A signature in the format of `ssh-keygen -Y sign` (OpenSSH, PROTOCOL.sshsig), as git keeps it
/// in the `gpgsig` header of a commit.
public struct SSHSignature: Sendable, Equatable {
    /// The hash that is applied to the message before signing.
    enum Hash: String {
        case sha256, sha512

        func digest(_ message: [UInt8]) -> [UInt8] {
            switch self {
            case .sha256: Array(SHA256.hash(data: message))
            case .sha512: Array(SHA512.hash(data: message))
            }
        }
    }

    /// The key that signed, as the signature itself names it; trust comes from elsewhere.
    public let key: VerifyingKey
    /// What the signature is for; `git` for commits and tags.
    public let namespace: String
    private let hash: Hash
    private let signature: [UInt8]

    /// Signs a message with SHA-512.
    ///
    /// - Throws: `io` if the system's cryptography fails.
    public init(
        signing message: [UInt8], namespace: String = "git", with key: SigningKey
    ) throws(LetheError) {
        self.key = try key.verifyingKey
        self.namespace = namespace
        hash = .sha512
        signature = try key.signature(
            for: Self.signedBytes(message, namespace: namespace, hash: .sha512))
    }

    /// Reads the armored text, `-----BEGIN SSH SIGNATURE-----` and so on.
    ///
    /// - Throws: `malformed`, or `unsupported` for other keys and hashes.
    public init(armored text: String) throws(LetheError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        guard lines.count >= 3, lines.removeFirst() == Self.header,
            lines.removeLast() == Self.footer, let blob = Base64.decode(lines.joined())
        else {
            throw LetheError(code: .malformed, message: "The text is no armored SSH signature.")
        }
        try self.init(blob: blob)
    }

    private init(blob: [UInt8]) throws(LetheError) {
        var reader = SSHWireReader(blob)
        guard try reader.take(Self.magic.count) == Self.magic, try reader.integer() == 1 else {
            throw LetheError(code: .unsupported, message: "Not an SSH signature of version 1.")
        }
        key = try VerifyingKey(blob: reader.string())
        let namespace = try reader.string()
        let reserved = try reader.string()
        let hash = Hash(rawValue: String(decoding: try reader.string(), as: UTF8.self))
        var inner = SSHWireReader(try reader.string())
        try reader.end()
        let algorithm = try inner.string()
        signature = try inner.string()
        try inner.end()
        guard let hash, algorithm == Array(VerifyingKey.algorithm.utf8),
            let text = String(validating: namespace, as: UTF8.self), !text.isEmpty,
            reserved.isEmpty
        else {
            throw LetheError(
                code: .unsupported,
                message: "The SSH signature is not Ed25519 over SHA-256 or SHA-512.")
        }
        self.namespace = text
        self.hash = hash
    }

    /// The text as `ssh-keygen -Y sign` writes it: lines of 70 characters, a line break at the end.
    public var armored: String {
        let body = Array(Base64.encode(blob))
        let lines = stride(from: 0, to: body.count, by: 70).map {
            String(body[$0..<min($0 + 70, body.count)])
        }
        return ([Self.header] + lines + [Self.footer, ""]).joined(separator: "\n")
    }

    /// Whether the key that the signature names signed this message for this namespace.
    public func isValid(for message: [UInt8], namespace: String = "git") -> Bool {
        namespace == self.namespace
            && key.isValid(
                signature: signature,
                for: Self.signedBytes(message, namespace: namespace, hash: hash))
    }

    /// Checks the signature and that its key is trusted in a role.
    ///
    /// - Throws: `integrity` if the message was changed, `refused` if the key is not trusted so.
    public func check(
        _ message: [UInt8], trusted: TrustedKeys, role: KeyRole = .operator
    ) throws(LetheError) {
        guard isValid(for: message, namespace: role.namespace) else {
            throw LetheError(
                code: .integrity, message: "The signature does not match what it is said to sign.",
                remedy: "Fetch it again from a source that you trust.")
        }
        guard trusted.entry(identifier: key.identifier)?.role == role else {
            throw LetheError(
                code: .refused,
                message: "The signing key \(key) is not trusted as \(role.rawValue).",
                remedy: "Add it to the trusted keys if you know whose it is.")
        }
    }

    private var blob: [UInt8] {
        let inner = SSHWire.string(Array(VerifyingKey.algorithm.utf8)) + SSHWire.string(signature)
        let head = Self.magic + SSHWire.integer(1) + SSHWire.string(key.blob)
        return head + SSHWire.string(Array(namespace.utf8)) + SSHWire.string([])
            + SSHWire.string(Array(hash.rawValue.utf8)) + SSHWire.string(inner)
    }

    private static func signedBytes(
        _ message: [UInt8], namespace: String, hash: Hash
    ) -> [UInt8] {
        magic + SSHWire.string(Array(namespace.utf8)) + SSHWire.string([])
            + SSHWire.string(Array(hash.rawValue.utf8)) + SSHWire.string(hash.digest(message))
    }

    private static let header = "-----BEGIN SSH SIGNATURE-----"
    private static let footer = "-----END SSH SIGNATURE-----"
    private static let magic = Array("SSHSIG".utf8)
}
