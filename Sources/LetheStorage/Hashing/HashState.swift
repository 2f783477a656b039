internal import LetheRecords

/// SHA-256 (FIPS 180-4) in the middle of its work: what the bytes so far have come to.
///
/// Whoever has the state behind the first bytes of a file can hash the bytes after them without
/// reading the first ones. Two states are the same if and only if what came before them is, as far
/// as SHA-256 tells bytes apart; so a state that somebody remembered is confirmed by hashing up to it.
struct HashState: Sendable, Equatable {
    static let blockSizeBytes = 64
    /// Words and block as bytes.
    static let encodedSizeBytes = 32 + blockSizeBytes

    /// The eight words of the hash after the last whole block.
    var words: SIMD8<UInt32>
    /// The bytes after the last whole block; zeros behind them.
    var block = SIMD64<UInt8>()
    /// How many bytes came so far.
    var lengthBytes: Int

    /// No bytes came yet (FIPS 180-4, section 5.3.3).
    init() {
        words = [
            0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c,
            0x1f83_d9ab, 0x5be0_cd19,
        ]
        lengthBytes = 0
    }

    /// How many bytes came after the last whole block.
    var pendingCount: Int { lengthBytes % Self.blockSizeBytes }

    /// Takes what `encoded` gave; the length is written elsewhere.
    ///
    /// Any bytes give some state.
    init(_ bytes: some RandomAccessCollection<UInt8>, lengthBytes: Int) {
        words = SIMD8()
        self.lengthBytes = lengthBytes
        for (place, byte) in bytes.prefix(32).enumerated() {
            words[place / 4] = words[place / 4] << 8 | UInt32(byte)
        }
        for (place, byte) in bytes.dropFirst(32).prefix(pendingCount).enumerated() {
            block[place] = byte
        }
    }

    /// The words, big-endian, and the block.
    var encoded: [UInt8] {
        wordBytes + block.indices.map { block[$0] }
    }

    /// The words, big-endian: the digest, once the padding has been taken.
    var wordBytes: [UInt8] {
        words.indices.flatMap { place in
            stride(from: 24, through: 0, by: -8).map {
                UInt8(truncatingIfNeeded: words[place] >> UInt32($0))
            }
        }
    }
}
