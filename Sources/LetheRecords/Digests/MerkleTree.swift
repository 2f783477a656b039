/// The Merkle tree hash of RFC 6962 section 2.1 over SHA-256.
public enum MerkleTree {
    /// The root over leaves in the given order; the hash of no bytes for no leaves.
    public static func root(of leaves: [Digest]) -> Digest {
        guard !leaves.isEmpty else { return Digest(hashing: []) }
        return node(leaves.map { Digest(hashing: [0] + $0.bytes) }[...])
    }

    private static func node(_ hashes: ArraySlice<Digest>) -> Digest {
        if hashes.count == 1, let only = hashes.first { return only }
        var split = 1
        while split * 2 < hashes.count { split *= 2 }
        let middle = hashes.startIndex + split
        let left = node(hashes[..<middle])
        let right = node(hashes[middle...])
        return Digest(hashing: [1] + left.bytes + right.bytes)
    }
}
