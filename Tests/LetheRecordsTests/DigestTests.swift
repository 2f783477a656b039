import Foundation
import LetheRecords
import Testing

@Suite("Digests, commitments and Merkle roots")
struct DigestTests {
    private static let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test("SHA-256 gives the answers of FIPS 180-4")
    func sha256() {
        #expect(Digest(hashing: "abc".utf8).hex == Self.abc)
        #expect(
            Digest(hashing: []).hex
                == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        var hasher = DigestHasher()
        for _ in 0..<1000 { hasher.update([UInt8](repeating: UInt8(ascii: "a"), count: 1000)) }
        #expect(
            hasher.finalize().hex
                == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("Only the one spelling of a digest is read")
    func spelling() throws {
        let digest = try #require(Digest("sha256:" + Self.abc))
        #expect(digest.description == "sha256:" + Self.abc)
        #expect(Hex.encode(digest.bytes) == Self.abc)
        for wrong in [
            Self.abc, "sha256:" + Self.abc.uppercased(), "sha256:" + Self.abc.dropLast(),
            "sha256:" + Self.abc + "0", "sha512:" + Self.abc, " sha256:" + Self.abc,
            "sha256:" + Self.abc.dropLast() + "g", "sha256:" + Self.abc.dropLast() + "\u{0660}",
        ] {
            #expect(Digest(wrong) == nil)
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode([Digest].self, from: Data("[\"\(wrong)\"]".utf8))
            }
        }
    }

    @Test("Hexadecimal text is lower case, even and nothing else")
    func hex() {
        #expect(Hex.decode("00ff10") == [0, 255, 16])
        for wrong in ["0", "0G", "FF", "0x", " 0", "é"] { #expect(Hex.decode(wrong) == nil) }
    }

    @Test("Commitments are HMAC-SHA-256 of domain, zero byte and sample")
    func commitments() throws {
        let golden = try Golden.load().commitments
        #expect(!golden.isEmpty)
        for case let one in golden {
            let key = try CommitmentKey(bytes: #require(Hex.decode(one.key)))
            let sample = try #require(Hex.decode(one.sample))
            #expect(key.commitment(to: sample, domain: one.domain).hex == one.digest)
        }
    }

    @Test("A commitment key has 32 bytes and never shows them")
    func commitmentKey() throws {
        for count in [0, 31, 33] {
            #expect(throws: LetheError.self) {
                try CommitmentKey(bytes: [UInt8](repeating: 7, count: count))
            }
        }
        let key = try CommitmentKey(bytes: [UInt8](repeating: 0xAB, count: 32))
        #expect(!"\(key) \(String(reflecting: key))".lowercased().contains("ab"))
        #expect(key.identifier.utf8.count == 16)
    }

    @Test("Merkle roots are those of another implementation of RFC 6962")
    func merkle() throws {
        for one in try Golden.load().merkle {
            let leaves = try one.leaves.map { try #require(Digest(hex: $0)) }
            #expect(MerkleTree.root(of: leaves).hex == one.root)
        }
        #expect(MerkleTree.root(of: []) == Digest(hashing: []))
    }

    @Test("Another order, a doubled leaf or a node for a leaf gives another root")
    func merkleIsBinding() {
        let leaves = (0..<5).map { Digest(hashing: [UInt8($0)]) }
        let root = MerkleTree.root(of: leaves)
        #expect(MerkleTree.root(of: leaves.reversed()) != root)
        #expect(MerkleTree.root(of: leaves + [leaves[4]]) != root)
        let inner = MerkleTree.root(of: Array(leaves[..<4]))
        #expect(MerkleTree.root(of: [inner, leaves[4]]) != root)
    }
}
