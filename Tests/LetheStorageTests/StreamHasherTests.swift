import LetheRecords
import Testing

@testable import LetheStorage

@Suite("Hashing one or two streams")
struct StreamHasherTests {
    /// FIPS 180-4's examples, as NIST publishes them for SHA-256, with the empty message.
    static let vectors: [(message: [UInt8], hex: String)] = [
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (
            [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        ),
    ]

    /// Both ways on a processor with SHA instructions, the library's on any.
    static let ways = StreamHasher.hasInstructions ? [true, false] : [false]

    @Test("The digests are those of FIPS 180-4", arguments: ways)
    func standard(hasInstructions: Bool) {
        for vector in Self.vectors {
            var hasher = StreamHasher(hasInstructions: hasInstructions)
            hasher.update(vector.message)
            #expect(hasher.finalize().hex == vector.hex)
        }
    }

    @Test("Two at once give the digests of FIPS 180-4, in every pairing", arguments: ways)
    func standardInPairs(hasInstructions: Bool) {
        for one in Self.vectors {
            for other in Self.vectors {
                var first = StreamHasher(hasInstructions: hasInstructions)
                var second = StreamHasher(hasInstructions: hasInstructions)
                StreamHasher.update(&first, one.message, &second, other.message)
                #expect(first.finalize().hex == one.hex && second.finalize().hex == other.hex)
            }
        }
    }

    @Test("Random pieces, alone, in pairs and resumed, give what the library gives")
    func sameAsLibrary() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("the seed of the pieces is \(seed)")
        var random = SplitMix64(seed: seed)
        for _ in 0..<300 {
            var ours = [StreamHasher(), StreamHasher()]
            var library = [DigestHasher(), DigestHasher()]
            for _ in 0..<Int.random(in: 0...12, using: &random) {
                let pieces = [Self.piece(&random), Self.piece(&random)]
                for which in 0...1 { library[which].update(pieces[which]) }
                switch Int.random(in: 0...2, using: &random) {
                case 0: for which in 0...1 { ours[which].update(pieces[which]) }
                case 1:
                    var (one, other) = (ours[0], ours[1])
                    StreamHasher.update(&one, pieces[0], &other, pieces[1])
                    ours = [one, other]
                default: try Self.resumed(&ours, pieces)
                }
            }
            #expect(ours.map { $0.finalize() } == library.map { $0.finalize() }, "seed \(seed)")
        }
    }

    /// Long and short, around the length of a block and not.
    private static func piece(_ random: inout SplitMix64) -> [UInt8] {
        let longest = [3, 63, 64, 65, 130, 5000].randomElement(using: &random) ?? 0
        let count = Int.random(in: 0...longest, using: &random)
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    }

    /// Writes the states down and goes on from what was written.
    private static func resumed(_ hashers: inout [StreamHasher], _ pieces: [[UInt8]]) throws {
        for which in 0...1 {
            if let state = hashers[which].state {
                let read = HashState(state.encoded, lengthBytes: state.lengthBytes)
                #expect(read == state)
                hashers[which] = try #require(StreamHasher(resuming: read))
            }
            hashers[which].update(pieces[which])
        }
    }

    @Test("The same bytes for two hashers that are not equally far")
    func sameBytesTwice() {
        let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        for ahead in 0..<130 {
            let before = Array(bytes.prefix(ahead))
            var one = StreamHasher()
            var other = StreamHasher()
            one.update(before)
            StreamHasher.update(&one, bytes, &other, bytes)
            #expect(one.finalize() == Digest(hashing: before + bytes))
            #expect(other.finalize() == Digest(hashing: bytes))
        }
    }
}
