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
