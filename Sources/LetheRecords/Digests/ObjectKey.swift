internal import Crypto
internal import Foundation

/// The secret that encrypts the stored objects of one line; destroying it makes them noise, in
/// backups and mirrors too.
///
/// It never enters a registry, a log or a message: printing it gives a fixed word.
public struct ObjectKey: Sendable, CustomStringConvertible, CustomReflectable {
    /// Bytes of a key, of its identifier and of the salt of an object.
    public static let sizesBytes = (key: 32, identifier: 16, salt: 32)

    private let key: SymmetricKey
    /// Says which key an object is encrypted with, and nothing about the key:
    /// HMAC-SHA-256(key, "lethe.object-key.v1"), sixteen bytes of it.
    public let identifier: [UInt8]

    /// Takes 32 secret bytes.
    ///
    /// - Throws: `invalidArgument` for another length.
    public init(bytes: [UInt8]) throws(LetheError) {
        guard bytes.count == Self.sizesBytes.key else {
            throw LetheError(
                code: .invalidArgument,
                message: "An object key has \(Self.sizesBytes.key) bytes, this one has "
                    + "\(bytes.count).")
        }
        key = SymmetricKey(data: bytes)
        let code = HMAC<SHA256>.authenticationCode(
            for: Array("lethe.object-key.v1".utf8), using: key)
        identifier = Array(Array(code).prefix(Self.sizesBytes.identifier))
    }

    /// Bytes that nobody can guess, from the system's generator.
    public static func randomBytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }

    /// The identifier in hexadecimal digits, as receipts spell it.
    public var fingerprint: String { Hex.encode(identifier) }

    /// The cipher of one object: HKDF-SHA-256 (RFC 5869) of the key and the object's own salt.
    ///
    /// - Parameter salt: 32 bytes that no other object has.
    public func cipher(salt: [UInt8]) -> ChunkCipher {
        ChunkCipher(
            key: HKDF<SHA256>.deriveKey(
                inputKeyMaterial: key, salt: salt, info: Array("lethe.object.v1".utf8),
                outputByteCount: Self.sizesBytes.key))
    }

    /// Never the key.
    public var description: String { "(object key)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
