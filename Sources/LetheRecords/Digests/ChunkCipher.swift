internal import Crypto
internal import Foundation

/// Encrypts the chunks of one object with AES-256-GCM, so that none can be changed, moved, left out
/// or cut off unseen: the nonce is the chunk's number and whether it is the last (STREAM: Hoang,
/// Reyhanitabar, Rogaway, Vizár, CRYPTO 2015).
public struct ChunkCipher: Sendable, CustomStringConvertible, CustomReflectable {
    /// Bytes that a chunk grows by.
    public static let tagSizeBytes = 16

    private let key: SymmetricKey

    init(key: SymmetricKey) {
        self.key = key
    }

    /// Encrypts a chunk; each number may be used once.
    ///
    /// - Returns: ciphertext and tag.
    /// - Throws: `io` if the system's cryptography fails.
    public func seal(
        _ chunk: ArraySlice<UInt8>, number: Int, isLast: Bool
    ) throws(LetheError) -> [UInt8] {
        do {
            let box = try AES.GCM.seal(
                chunk, using: key, nonce: Self.nonce(number, isLast: isLast))
            return [UInt8](box.ciphertext) + [UInt8](box.tag)
        } catch {
            throw LetheError(
                code: .io, message: "The system's cryptography failed.", cause: error)
        }
    }

    /// Decrypts a chunk.
    ///
    /// - Returns: nil if it is not what was encrypted under this number, as the last one or not.
    public func open(_ bytes: ArraySlice<UInt8>, number: Int, isLast: Bool) -> [UInt8]? {
        guard let nonce = try? Self.nonce(number, isLast: isLast),
            let box = try? AES.GCM.SealedBox(
                nonce: nonce, ciphertext: bytes.dropLast(Self.tagSizeBytes),
                tag: bytes.suffix(Self.tagSizeBytes)),
            let chunk = try? AES.GCM.open(box, using: key)
        else { return nil }
        return [UInt8](chunk)
    }

    /// Eleven bytes of the number, big end first, and one that is 1 in the last chunk only.
    private static func nonce(_ number: Int, isLast: Bool) throws -> AES.GCM.Nonce {
        let counter = (0..<11).map { place in
            place < 3 ? 0 : UInt8(truncatingIfNeeded: UInt64(number) >> UInt64(8 * (10 - place)))
        }
        return try AES.GCM.Nonce(data: counter + [isLast ? 1 : 0])
    }

    /// Never the key.
    public var description: String { "(chunk cipher)" }
    /// Nothing to look into.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
