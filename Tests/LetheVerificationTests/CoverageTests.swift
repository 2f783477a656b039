import LetheRecords
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("Bounds hold as often as they promise")
struct CoverageTests {
    private static let seed: UInt64 = 20_261_122
    private static let drawCount = 2_000

    /// What misses may come to: the promised share and three standard deviations of the simulation.
    private func allowed(_ errorProbability: Double, draws: Int = drawCount) -> Double {
        let mean = errorProbability * Double(draws)
        return mean + 3 * (mean * (1 - errorProbability)).squareRoot()
    }

    @Test(
        "The upper and lower bound of an accuracy, seed 20261122",
        arguments: [0.004, 0.0161, 0.1, 0.5, 0.93])
    func accuracy(probability: Double) {
        var random = SplitMix64(seed: Self.seed)
        let trials = 50
        let upper = (0...trials).map {
            BinomialStatistics.upperBound(successes: $0, trials: trials, errorProbability: 0.05)
        }
        let lower = (0...trials).map {
            BinomialStatistics.lowerBound(successes: $0, trials: trials, errorProbability: 0.05)
        }
        let draws = BinomialDraws(trials: trials, probability: probability)
        var (missedAbove, missedBelow) = (0, 0)
        for _ in 0..<Self.drawCount {
            let successes = draws.next(&random)
            missedAbove += upper[successes] < probability ? 1 : 0
            missedBelow += lower[successes] > probability ? 1 : 0
        }
        #expect(Double(missedAbove) <= allowed(0.05), "seed \(Self.seed)")
        #expect(Double(missedBelow) <= allowed(0.05), "seed \(Self.seed)")
    }

    @Test("The upper bound is not so wide that it says nothing, seed 20261122")
    func isTight() {
        var random = SplitMix64(seed: Self.seed)
        let upper = (0...200).map {
            BinomialStatistics.upperBound(successes: $0, trials: 200, errorProbability: 0.05)
        }
        let draws = BinomialDraws(trials: 200, probability: 0.3)
        let missed = (0..<Self.drawCount).reduce(0) { count, _ in
            count + (upper[draws.next(&random)] < 0.3 ? 1 : 0)
        }
        #expect(Double(missed) >= 0.02 * Double(Self.drawCount), "seed \(Self.seed)")
    }

    @Test(
        "The upper bound of a paired drop, seed 20261122",
        arguments: [(0.03, 0.01), (0.10, 0.09), (0.0, 0.02), (0.3, 0.0)])
    func pairedDrop(lossProbability: Double, gainProbability: Double) {
        var random = SplitMix64(seed: Self.seed)
        var known: [[Int]: Double] = [:]
        var missed = 0
        for _ in 0..<Self.drawCount {
            var (lost, gained) = (0, 0)
            for _ in 0..<120 {
                let draw = random.unit()
                lost += draw < lossProbability ? 1 : 0
                gained += draw >= 1 - gainProbability ? 1 : 0
            }
            let upper =
                known[[lost, gained]]
                ?? BinomialStatistics.pairedDropUpperBound(
                    lost: lost, gained: gained, trials: 120, errorProbability: 0.05)
            known[[lost, gained]] = upper
            missed += upper < lossProbability - gainProbability ? 1 : 0
        }
        #expect(Double(missed) <= allowed(0.05), "seed \(Self.seed)")
    }

    @Test("All bounds of a whole line of 20 certificates together, seed 20261122")
    func wholeLine() {
        var random = SplitMix64(seed: Self.seed)
        let trials = 50
        // So small that a bound is missed only by no success at all, which happens to many lines.
        let probability = 0.12
        let bounds = (1...20).map { number in
            (0...trials).map { successes in
                BinomialStatistics.upperBound(
                    successes: successes, trials: trials,
                    errorProbability: BinomialStatistics.errorProbability(
                        budget: 0.05, sequenceNumber: number, boundCount: 1))
            }
        }
        let draws = BinomialDraws(trials: trials, probability: probability)
        let wrongLines = (0..<Self.drawCount).reduce(0) { count, _ in
            let isWrong = bounds.reduce(false) { wrong, certificate in
                let successes = draws.next(&random)
                return wrong || certificate[successes] < probability
            }
            return count + (isWrong ? 1 : 0)
        }
        #expect(Double(wrongLines) <= allowed(0.05), "seed \(Self.seed)")
    }

    @Test(
        "The test against chance seldom accuses a model that guesses, seed 20261122",
        arguments: [(50, 1.0 / 62), (200, 0.01), (100, 0.1)])
    func chance(trials: Int, probability: Double) {
        var random = SplitMix64(seed: Self.seed)
        let limit = BinomialStatistics.largestCountConsistent(
            withChance: probability, trials: trials, level: 0.05)
        let draws = BinomialDraws(trials: trials, probability: probability)
        let accused = (0..<Self.drawCount).reduce(0) { count, _ in
            count + (draws.next(&random) > limit ? 1 : 0)
        }
        #expect(Double(accused) <= allowed(0.05), "seed \(Self.seed)")
    }
}
