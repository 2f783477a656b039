internal import Crypto
internal import Foundation
public import LetheRecords

/// An Ed25519 public key (RFC 8032) in the spelling of OpenSSH.
public struct VerifyingKey: Sendable, Hashable, CustomStringConvertible {
    /// The 32 bytes of the key.
    public let bytes: [UInt8]

    /// Takes the 32 bytes of a key.
    ///
    /// - Throws: `malformed` for another length.
    public init(bytes: [UInt8]) throws(LetheError) {
        guard bytes.count == 32 else {
            throw LetheError(
                code: .malformed,
                message: "An Ed25519 public key has 32 bytes, this one has \(bytes.count).")
        }
        self.bytes = bytes
    }

    /// Reads `ssh-ed25519 AAAA…` with or without a comment behind it (`ssh-keygen` writes such a
    /// line to `.pub` files).
    ///
    /// - Throws: `malformed`, or `unsupported` for another kind of key.
    public init(openSSHLine line: String) throws(LetheError) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count >= 2, words[0] == Self.algorithm else {
            throw LetheError(
                code: .unsupported, message: "Not an \(Self.algorithm) public key line.",
                remedy: "Make one with: ssh-keygen -t ed25519")
        }
        guard let blob = Base64.decode(String(words[1])) else {
            throw LetheError(code: .malformed, message: "The public key line is not base64.")
        }
        try self.init(blob: blob)
    }

    /// Reads the SSH wire form: two strings, the algorithm and the key (RFC 8709 section 4).
    init(blob: [UInt8]) throws(LetheError) {
        var reader = SSHWireReader(blob)
        guard try reader.string() == Array(Self.algorithm.utf8) else {
            throw LetheError(
                code: .unsupported, message: "The SSH key is not of type \(Self.algorithm).",
                remedy: "Make one with: ssh-keygen -t ed25519")
        }
        try self.init(bytes: reader.string())
        try reader.end()
    }

    static let algorithm = "ssh-ed25519"

    /// The SSH wire form (RFC 8709 section 4).
    var blob: [UInt8] {
        SSHWire.string(Array(Self.algorithm.utf8)) + SSHWire.string(bytes)
    }

    /// The fingerprint as `ssh-keygen -l` prints it: `SHA256:` and base64 without padding.
    public var identifier: String {
        let digest = Base64.encode(Digest(hashing: blob).bytes)
        return "SHA256:" + digest.prefix { $0 != "=" }
    }

    /// `ssh-ed25519 AAAA…`, as in `.pub` and allowed_signers files.
    public var openSSHLine: String { "\(Self.algorithm) \(Base64.encode(blob))" }

    /// The key as a SubjectPublicKeyInfo PEM text (RFC 8410), as `openssl pkey -pubin` reads it.
    public var pem: String {
        "-----BEGIN PUBLIC KEY-----\n\(Base64.encode(Self.derPrefix + bytes))\n"
            + "-----END PUBLIC KEY-----\n"
    }

    /// SubjectPublicKeyInfo of RFC 8410 section 4 up to the 32 bytes: OID 1.3.101.112.
    private static let derPrefix: [UInt8] = [
        0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00,
    ]

    /// Whether the signature was made over exactly these bytes with this key's private half.
    public func isValid(signature: [UInt8], for bytes: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: self.bytes) else {
            return false
        }
        return key.isValidSignature(signature, for: bytes)
    }

    /// The fingerprint.
    public var description: String { identifier }
}
