internal import Crypto
internal import Foundation
public import LetheRecords

/// A P-256 private key that signs models in the OpenSSF format, which knows no Ed25519.
///
/// Printing it never shows the key.
public struct ModelSigningKey: Sendable, CustomStringConvertible, CustomReflectable {
    private let key: P256.Signing.PrivateKey

    /// Reads the text of a PEM file (PKCS#8 or SEC 1), as `openssl genpkey -algorithm EC -pkeyopt
    /// ec_paramgen_curve:P-256` writes it.
    ///
    /// - Throws: `malformed` for anything but one unencrypted P-256 key.
    public init(pem text: String) throws(LetheError) {
        do {
            key = try P256.Signing.PrivateKey(pemRepresentation: text)
        } catch {
            throw LetheError(
                code: .malformed, message: "The file is no PEM of a P-256 private key.",
                remedy: "Make one with: openssl genpkey -algorithm EC -pkeyopt "
                    + "ec_paramgen_curve:P-256 -out model.pem")
        }
    }

    /// The public half as a PEM text.
    public var publicPEM: String { key.publicKey.pemRepresentation + "\n" }

    /// Signs bytes: ECDSA over SHA-256, in DER.
    func signature(for bytes: [UInt8]) throws(LetheError) -> [UInt8] {
        do {
            return Array(try key.signature(for: bytes).derRepresentation)
        } catch {
            throw LetheError(code: .io, message: "Signing failed.", cause: error)
        }
    }

    /// Never the key.
    public var description: String { "(model signing key)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A public key of the OpenSSF format: P-256, P-384 or P-521, each with the hash of its size.
public struct ModelVerifyingKey: Sendable {
    private enum Curve: Sendable {
        case p256(P256.Signing.PublicKey)
        case p384(P384.Signing.PublicKey)
        case p521(P521.Signing.PublicKey)
    }

    private let curve: Curve

    /// Reads the text of a SubjectPublicKeyInfo PEM file.
    ///
    /// - Throws: `malformed` for any other key.
    public init(pem text: String) throws(LetheError) {
        if let key = try? P256.Signing.PublicKey(pemRepresentation: text) {
            curve = .p256(key)
        } else if let key = try? P384.Signing.PublicKey(pemRepresentation: text) {
            curve = .p384(key)
        } else if let key = try? P521.Signing.PublicKey(pemRepresentation: text) {
            curve = .p521(key)
        } else {
            throw LetheError(
                code: .malformed,
                message: "The file is no PEM of a public key on P-256, P-384 or P-521.",
                remedy: "Ask the signer for the public key: openssl pkey -in model.pem -pubout")
        }
    }

    /// SHA-256 of the key's PEM text with a line break at its end, in hexadecimal digits: the name
    /// by which a bundle hints at its key (as the stock client computes it).
    var hint: String {
        let pem =
            switch curve {
            case .p256(let key): key.pemRepresentation
            case .p384(let key): key.pemRepresentation
            case .p521(let key): key.pemRepresentation
            }
        return Digest(hashing: Array((pem + "\n").utf8)).hex
    }

    /// Whether the DER signature was made over these bytes by this key's private half.
    func isValid(signature: [UInt8], for bytes: [UInt8]) -> Bool {
        switch curve {
        case .p256(let key):
            (try? P256.Signing.ECDSASignature(derRepresentation: signature))
                .map { key.isValidSignature($0, for: bytes) } ?? false
        case .p384(let key):
            (try? P384.Signing.ECDSASignature(derRepresentation: signature))
                .map { key.isValidSignature($0, for: bytes) } ?? false
        case .p521(let key):
            (try? P521.Signing.ECDSASignature(derRepresentation: signature))
                .map { key.isValidSignature($0, for: bytes) } ?? false
        }
    }
}
