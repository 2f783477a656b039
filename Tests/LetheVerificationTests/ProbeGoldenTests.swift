import Foundation
import TestSupport
import Testing

@testable import LetheVerification

/// Reference values of SciPy and NumPy, made by scripts/golden/probes.py.
private struct ProbeGolden: Decodable {
    struct Divergence: Decodable {
        let left: [Double]
        let right: [Double]
        let bits: Double
    }

    struct Attack: Decodable {
        let own: [Double]
        let neighbour: [Double]
        let testedOwn: [Double]
        let testedNeighbour: [Double]
        let right: [Bool]
    }

    struct Means: Decodable {
        let rows: [[Double]]
        let column: Int
    }

    let jensenShannon: [Divergence]
    let attack: [Attack]
    let largestMean: Means
}

@Suite("Probes beside SciPy and NumPy")
struct ProbeGoldenTests {
    private let golden: ProbeGolden

    init() throws {
        let file = Locations.fixtures.appending(path: "statistics/probes.json")
        golden = try JSONDecoder().decode(ProbeGolden.self, from: Data(contentsOf: file))
    }

    @Test("The divergence of RF-JSD is SciPy's Jensen-Shannon distance squared")
    func divergence() {
        for pair in golden.jensenShannon {
            let bits = OutputDivergence.jensenShannonBits(pair.left, pair.right)
            #expect(abs(bits - pair.bits) < 1e-12)
        }
        #expect(OutputDivergence.jensenShannonBits([1, 0], [0, 1]) == 1)
    }

    @Test("The neighbour-class attack chooses and guesses as a search over every threshold does")
    func attack() {
        for scene in golden.attack {
            let guesses = NeighbourAttack.guesses(
                fitted: (scene.own, scene.neighbour),
                tested: (scene.testedOwn, scene.testedNeighbour))
            #expect(guesses == scene.right)
        }
    }

    @Test("The neighbour is the class with the largest mean probability")
    func neighbour() {
        #expect(NeighbourAttack.largestMean(golden.largestMean.rows) == golden.largestMean.column)
        #expect(NeighbourAttack.largestMean([]) == nil)
    }
}
