internal import Crypto
public import Foundation
public import LetheRecords

/// An Ed25519 private key (RFC 8032), kept in a PKCS#8 PEM file (RFC 8410) that `openssl pkey`
/// reads.
///
/// Printing or dumping it never shows the key.
public struct SigningKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    private let key: Curve25519.Signing.PrivateKey

    /// Makes a new key from the system's random numbers.
    public init() {
        key = Curve25519.Signing.PrivateKey()
    }

    /// Takes the 32 secret bytes of a key.
    ///
    /// - Throws: `malformed` for another length.
    public init(seed: [UInt8]) throws(LetheError) {
        do {
            key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        } catch {
            throw LetheError(
                code: .malformed,
                message: "An Ed25519 private key has 32 bytes, this one has \(seed.count).")
        }
    }

    /// Reads the text of a PKCS#8 PEM file.
    ///
    /// - Throws: `malformed` for anything but one unencrypted Ed25519 private key.
    public init(pem text: String) throws(LetheError) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.count >= 3, lines.removeFirst() == Self.header,
            lines.removeLast() == Self.footer, let der = Base64.decode(lines.joined()),
            der.count == Self.derPrefix.count + 32, der.starts(with: Self.derPrefix)
        else {
            throw LetheError(
                code: .malformed, message: "The file is no PKCS#8 PEM of an Ed25519 private key.",
                remedy: "Make one with: openssl genpkey -algorithm ed25519")
        }
        try self.init(seed: Array(der.dropFirst(Self.derPrefix.count)))
    }

    /// Reads a key file.
    ///
    /// - Throws: `io` if it cannot be read, `refused` if group or others may read it,
    ///   `malformed` for other contents.
    public init(contentsOf file: URL) throws(LetheError) {
        try self.init(pem: PrivateFile.read(file))
    }

    /// Writes the key to a new file that only its owner may read (mode 0600).
    ///
    /// - Throws: `alreadyExists` if the file is there, else `io`.
    public func write(to file: URL) throws(LetheError) {
        try PrivateFile.create(file, text: pem)
    }

    /// The PKCS#8 PEM text, to be kept out of logs.
    public var pem: String {
        let base64 = Base64.encode(Self.derPrefix + Array(key.rawRepresentation))
        return "\(Self.header)\n\(base64)\n\(Self.footer)\n"
    }

    /// The public half.
    public var verifyingKey: VerifyingKey {
        get throws(LetheError) { try VerifyingKey(bytes: Array(key.publicKey.rawRepresentation)) }
    }

    /// Signs bytes.
    ///
    /// - Throws: `io` if the system's cryptography fails.
    public func signature(for bytes: [UInt8]) throws(LetheError) -> [UInt8] {
        do {
            return Array(try key.signature(for: bytes))
        } catch {
            throw LetheError(code: .io, message: "Signing failed.", cause: error)
        }
    }

    /// Never the key.
    public var description: String { "(signing key)" }
    /// Never the key.
    public var debugDescription: String { description }
    /// Never the key.
    public var customMirror: Mirror { Mirror(self, children: []) }

    private static let header = "-----BEGIN PRIVATE KEY-----"
    private static let footer = "-----END PRIVATE KEY-----"
    /// PrivateKeyInfo of RFC 8410 section 7 up to the 32 secret bytes: version 0, OID 1.3.101.112,
    /// an OCTET STRING in an OCTET STRING.
    private static let derPrefix: [UInt8] = [
        0x30, 0x2E, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x04, 0x22, 0x04,
        0x20,
    ]
}
