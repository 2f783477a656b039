import Foundation
import TestSupport

/// Reference values of SciPy, made by scripts/golden/binomial.py.
struct BinomialGolden: Decodable {
    struct IncompleteBeta: Decodable {
        let a: Double
        let b: Double
        let x: Double
        let value: Double
    }

    struct ClopperPearson: Decodable {
        let successes: Int
        let trials: Int
        let errorProbability: Double
        let lower: Double
        let upper: Double
    }

    struct PairedDrop: Decodable {
        let lost: Int
        let gained: Int
        let trials: Int
        let errorProbability: Double
        let upper: Double
    }

    struct LargestConsistentCount: Decodable {
        let trials: Int
        let chance: Double
        let level: Double
        let count: Int
    }

    struct ErrorProbability: Decodable {
        let budget: Double
        let sequenceNumber: Int
        let boundCount: Int
        let value: Double
    }

    let incompleteBeta: [IncompleteBeta]
    let clopperPearson: [ClopperPearson]
    let pairedDrop: [PairedDrop]
    let largestConsistentCount: [LargestConsistentCount]
    let errorProbability: [ErrorProbability]

    static func load() throws -> BinomialGolden {
        let file = Locations.fixtures.appending(path: "statistics/binomial.json")
        return try JSONDecoder().decode(BinomialGolden.self, from: Data(contentsOf: file))
    }
}
