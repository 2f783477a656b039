import Foundation
import LetheReports
import Testing

/// Lines of fifty judgements, every bound of a report at once.
///
/// `lethe bench coverage` simulates ten thousand; here are a few.
@Suite("Every bound of a long line holds together")
struct LongLineTests {
    private static let seed: UInt64 = 20_261_123

    @Test("No bound is wrong more often than it promises, alone or in a line, seed 20261123")
    func holds() {
        let rows = CoverageSimulation(lineCount: 100, seed: Self.seed).rows()
        #expect(rows.count == 14)
        for row in rows {
            #expect(
                row.holds, "\(row.bound): \(row.missCount) of \(row.drawCount), seed \(Self.seed)")
        }
    }

    @Test("The simulation notices a budget that is spent on every judgement anew, seed 20261123")
    func notices() {
        let honest = CoverageSimulation(lineCount: 400, versionCount: 1, seed: Self.seed).rows()
        let greedy = CoverageSimulation(
            lineCount: 400, versionCount: 1, budget: 0.5, seed: Self.seed
        ).rows()
        // What a budget of a half lets through would not hold at a twentieth.
        for (row, bar) in zip(greedy.prefix(3), honest.prefix(3)) {
            #expect(Double(row.missCount) > bar.allowed, "\(row.bound)")
        }
    }
}
