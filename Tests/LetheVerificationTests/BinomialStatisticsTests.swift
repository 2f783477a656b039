import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("Statistics of the judge")
struct BinomialStatisticsTests {
    /// Relative to the size of the value, but never finer than 1e-14.
    private func isClose(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-9) -> Bool {
        abs(value - expected) <= max(tolerance * abs(expected), 1e-14)
    }

    @Test("The regularised incomplete beta function equals SciPy's")
    func incompleteBeta() throws {
        for row in try BinomialGolden.load().incompleteBeta {
            let value = BinomialStatistics.regularizedIncompleteBeta(row.a, row.b, row.x)
            // Below the smallest normal number no two libraries agree, nor does anything depend on it.
            #expect(isClose(value, row.value) || max(value, row.value) < 1e-290, "\(row) \(value)")
        }
    }

    @Test("Clopper-Pearson bounds equal SciPy's")
    func clopperPearson() throws {
        for row in try BinomialGolden.load().clopperPearson {
            let upper = BinomialStatistics.upperBound(
                successes: row.successes, trials: row.trials,
                errorProbability: row.errorProbability)
            let lower = BinomialStatistics.lowerBound(
                successes: row.successes, trials: row.trials,
                errorProbability: row.errorProbability)
            #expect(isClose(upper, row.upper), "\(row) \(upper)")
            #expect(isClose(lower, row.lower), "\(row) \(lower)")
        }
    }

    @Test("The upper bound of the paired drop equals SciPy's")
    func pairedDrop() throws {
        for row in try BinomialGolden.load().pairedDrop {
            let upper = BinomialStatistics.pairedDropUpperBound(
                lost: row.lost, gained: row.gained, trials: row.trials,
                errorProbability: row.errorProbability)
            #expect(isClose(upper, row.upper), "\(row) \(upper)")
        }
    }

    @Test("The largest count consistent with guessing equals SciPy's exact test")
    func largestConsistentCount() throws {
        for row in try BinomialGolden.load().largestConsistentCount {
            let count = BinomialStatistics.largestCountConsistent(
                withChance: row.chance, trials: row.trials, level: row.level)
            #expect(count == row.count, "\(row)")
        }
    }

    @Test("The error budget is divided as written")
    func errorProbability() throws {
        for row in try BinomialGolden.load().errorProbability {
            let value = BinomialStatistics.errorProbability(
                budget: row.budget, sequenceNumber: row.sequenceNumber,
                boundCount: row.boundCount)
            #expect(isClose(value, row.value, 1e-14), "\(row) \(value)")
        }
    }

    @Test("A line never spends more than its budget")
    func budgetIsKept() {
        let spent = (1...100_000).reduce(0.0) { sum, number in
            sum + 3
                * BinomialStatistics.errorProbability(
                    budget: 0.05, sequenceNumber: number, boundCount: 3)
        }
        #expect(spent < 0.05)
        #expect(spent > 0.0499)
    }

    @Test("Without samples nothing is known")
    func withoutSamples() {
        #expect(
            BinomialStatistics.upperBound(successes: 0, trials: 0, errorProbability: 0.05) == 1)
        #expect(
            BinomialStatistics.lowerBound(successes: 0, trials: 0, errorProbability: 0.05) == 0)
        #expect(
            BinomialStatistics.pairedDropUpperBound(
                lost: 0, gained: 0, trials: 0, errorProbability: 0.05) == 1)
        #expect(
            BinomialStatistics.largestCountConsistent(withChance: 0.1, trials: 0, level: 0.05)
                == 0)
    }

    @Test("Bounds enclose what was measured and rise with it")
    func bounds() {
        var earlier = (lower: -1.0, upper: -1.0)
        for successes in 0...40 {
            let upper = BinomialStatistics.upperBound(
                successes: successes, trials: 40, errorProbability: 0.01)
            let lower = BinomialStatistics.lowerBound(
                successes: successes, trials: 40, errorProbability: 0.01)
            let measured = Double(successes) / 40
            #expect(lower <= measured && measured <= upper)
            #expect(lower > earlier.lower || successes == 0)
            #expect(upper > earlier.upper)
            earlier = (lower, upper)
        }
        #expect(earlier.upper == 1)
    }

    @Test(
        "The harmonic mean equals the published figures",
        arguments: [
            (0.7136, 0.7088, 0.0, 0.7112), (0.6825, 0.7465, 0.0015, 0.7124),
            (0.7488, 0.7488, 0.7245, 0.0471), (0.7416, 0.7465, 0.0, 0.7440),
        ])
    func harmonicMean(retained: Double, original: Double, forgotten: Double, expected: Double) {
        let mean = BinomialStatistics.harmonicMean(
            retainedAccuracy: retained, originalForgottenAccuracy: original,
            forgottenAccuracy: forgotten)
        #expect(abs(mean - expected) < 0.00006)
    }

    @Test("The harmonic mean is 0 where nothing was forgotten or nothing is left")
    func harmonicMeanAtTheEdges() {
        for (retained, original, forgotten) in [(0.9, 0.5, 0.6), (0.9, 0.5, 0.5), (0, 0.9, 0)] {
            #expect(
                BinomialStatistics.harmonicMean(
                    retainedAccuracy: retained, originalForgottenAccuracy: original,
                    forgottenAccuracy: forgotten) == 0)
        }
    }
}
