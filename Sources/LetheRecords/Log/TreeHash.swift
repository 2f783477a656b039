internal import Crypto

/// A hash in the tree of a transparency log (RFC 6962 section 2.1): 32 bytes of SHA-256.
///
/// Leaves and inner nodes are hashed under different prefixes, so that neither can be passed off
/// as the other.
public struct TreeHash: Sendable, Hashable, CustomStringConvertible {
    /// How many bytes a hash has.
    public static let sizeBytes = 32

    /// The 32 bytes.
    public let bytes: [UInt8]

    /// Takes 32 bytes; nil for another length.
    public init?(bytes: some Collection<UInt8>) {
        guard bytes.count == TreeHash.sizeBytes else { return nil }
        self.bytes = Array(bytes)
    }

    private init(_ digest: SHA256.Digest) {
        bytes = Array(digest)
    }

    /// The hash of a log with no entries: SHA-256 of no bytes.
    public static let empty = TreeHash(SHA256().finalize())

    /// The hash of an entry: SHA-256 of 0x00 and its bytes.
    public static func leaf(_ entry: [UInt8]) -> TreeHash {
        var hasher = SHA256()
        hasher.update(data: [0])
        hasher.update(data: entry)
        return TreeHash(hasher.finalize())
    }

    /// The hash of an inner node: SHA-256 of 0x01 and its two children.
    public static func node(_ left: TreeHash, _ right: TreeHash) -> TreeHash {
        var hasher = SHA256()
        hasher.update(data: [1] + left.bytes + right.bytes)
        return TreeHash(hasher.finalize())
    }

    /// The hash of a complete subtree over hashes whose count is a power of two.
    public static func completeTree(_ hashes: ArraySlice<TreeHash>) -> TreeHash {
        guard hashes.count > 1 else { return hashes.first ?? .empty }
        let middle = hashes.startIndex + hashes.count / 2
        return node(completeTree(hashes[..<middle]), completeTree(hashes[middle...]))
    }

    /// The bytes as a digest.
    public var digest: Digest { Digest(raw: bytes) }

    /// Sixty-four hexadecimal digits.
    public var description: String { Hex.encode(bytes) }
}
