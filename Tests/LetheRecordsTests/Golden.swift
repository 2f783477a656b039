import Foundation
import TestSupport

/// What other implementations say; made by scripts/golden/records.py.
struct Golden: Decodable {
    struct Number: Decodable {
        let bits: String
        let text: String
    }

    struct Document: Decodable {
        let ascii: String
        let canonical: String
    }

    struct Commitment: Decodable {
        let key: String
        let domain: String
        let sample: String
        let digest: String
    }

    struct Merkle: Decodable {
        let leaves: [String]
        let root: String
    }

    let numbers: [Number]
    let documents: [Document]
    let commitments: [Commitment]
    let merkle: [Merkle]

    static func load() throws -> Golden {
        let file = Locations.fixtures.appending(path: "records/golden.json")
        return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: file))
    }
}

/// Random numbers that a printed seed brings back (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
