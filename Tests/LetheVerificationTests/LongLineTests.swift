import Foundation
import LetheRecords
import Testing

@testable import LetheReports
@testable import LetheVerification

/// Lines of fifty judgements on fresh draws, every bound of a report at once.
///
/// `LETHE_LONG_LINES=10000` simulates as many lines; without it, a few.
@Suite("Every bound of a long line holds together")
struct LongLineTests {
    private static let seed: UInt64 = 20_261_123
    private static let versionCount = 50
    private static let trials = 60

    private static var lineCount: Int {
        ProcessInfo.processInfo.environment["LETHE_LONG_LINES"].flatMap(Int.init) ?? 20
    }

    /// Bounds by number of the judgement and by counts, each computed once.
    private struct Bounds {
        private var upper: [[Int]: Double] = [:]
        private var drops: [[Int]: Double] = [:]

        private func errorProbability(_ number: Int) -> Double {
            // One request, the paired drop, and one probe beside a reference.
            BinomialStatistics.errorProbability(budget: 0.05, sequenceNumber: number, boundCount: 3)
        }

        mutating func upper(_ number: Int, _ successes: Int) -> Double {
            let key = [number, successes]
            let bound =
                upper[key]
                ?? BinomialStatistics.upperBound(
                    successes: successes, trials: trials,
                    errorProbability: errorProbability(number))
            upper[key] = bound
            return bound
        }

        mutating func drop(_ number: Int, _ lost: Int, _ gained: Int) -> Double {
            let key = [number, lost, gained]
            let bound =
                drops[key]
                ?? BinomialStatistics.pairedDropUpperBound(
                    lost: lost, gained: gained, trials: trials,
                    errorProbability: errorProbability(number))
            drops[key] = bound
            return bound
        }
    }

    /// Lost and gained samples of one judgement.
    private func pair(
        _ loss: Double, _ gain: Double, _ random: inout SplitMix64
    ) -> (lost: Int, gained: Int) {
        var (lost, gained) = (0, 0)
        for _ in 0..<Self.trials {
            let draw = random.unit()
            lost += draw < loss ? 1 : 0
            gained += draw >= 1 - gain ? 1 : 0
        }
        return (lost, gained)
    }

    @Test("No more lines than the budget have any wrong bound, seed 20261123")
    func wholeLines() {
        var random = SplitMix64(seed: Self.seed)
        var bounds = Bounds()
        let draws = BinomialDraws(trials: Self.trials, probability: 0.1)
        var wrongCount = 0
        for _ in 0..<Self.lineCount {
            var isWrong = false
            for number in 1...Self.versionCount {
                isWrong = isWrong || bounds.upper(number, draws.next(&random)) < 0.1
                for (loss, gain) in [(0.08, 0.02), (0.3, 0.2)] {
                    let (lost, gained) = pair(loss, gain, &random)
                    isWrong = isWrong || bounds.drop(number, lost, gained) < loss - gain
                }
            }
            wrongCount += isWrong ? 1 : 0
        }
        let mean = 0.05 * Double(Self.lineCount)
        let allowed = mean + 3 * (mean * 0.95).squareRoot()
        #expect(
            Double(wrongCount) <= allowed,
            "seed \(Self.seed): \(wrongCount) of \(Self.lineCount) lines")
    }
}
