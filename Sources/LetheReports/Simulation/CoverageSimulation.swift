internal import LetheRecords

/// Simulates how often the bounds of reports are wrong, alone and over whole lines.
///
/// The truth is known, because it is drawn from. A bound is missed if the truth lies beyond it. A
/// bound holds its level if it is missed no more often than it promises; what chance adds to that in
/// so many draws is three standard deviations.
public struct CoverageSimulation: Sendable {
    /// How many lines, and how many draws of each bound alone.
    public var lineCount: Int
    /// Judgements in a line; the one of number t answers for t requests.
    public var versionCount: Int
    /// The chance, over a line, that any bound of it may be wrong.
    public var budget: Double
    /// Seeds the draws.
    public var seed: UInt64

    /// Plans a simulation.
    public init(
        lineCount: Int, versionCount: Int = 50, budget: Double = 0.05, seed: UInt64
    ) {
        self.lineCount = lineCount
        self.versionCount = versionCount
        self.budget = budget
        self.seed = seed
    }

    /// What came of one kind of bound.
    public struct Row: Sendable, Equatable {
        /// Which bound, of what truth.
        public let bound: String
        /// How many were drawn; lines for a whole line.
        public let drawCount: Int
        /// How many were wrong.
        public let missCount: Int
        /// How many may be, on average.
        public let promised: Double
        /// How many may be if chance adds three standard deviations.
        public var allowed: Double {
            let share = drawCount > 0 ? promised / Double(drawCount) : 0
            return promised + 3 * (promised * (1 - min(share, 1))).squareRoot()
        }
        /// Whether it keeps what it promises.
        public var holds: Bool { Double(missCount) <= allowed }
    }

    /// Every bound alone at the whole budget, then whole lines.
    public func rows() -> [Row] {
        var random = SplitMix64(seed: seed)
        let alone = BoundScene.all.map { scene in
            var bounds = scene.bounds(errorProbability: budget)
            let missed = (0..<lineCount).reduce(0) { count, _ in
                count + (bounds.isMissed(&random) ? 1 : 0)
            }
            return Row(
                bound: scene.name, drawCount: lineCount, missCount: missed,
                promised: budget * Double(lineCount))
        }
        return alone + lines(drawsAnew: true, &random) + lines(drawsAnew: false, &random)
    }

    /// Whole lines: each judgement has a bound for each request so far, one for the drop of the
    /// retained classes and one for a probe beside the reference, as `ReportBuilder` counts them.
    ///
    /// - Parameter drawsAnew: Whether every judgement sees other images, which is the worst that can
    ///   happen to a sum over judgements; else the answers of a line never change.
    private func lines(drawsAnew: Bool, _ random: inout SplitMix64) -> [Row] {
        var judgements = (1...max(versionCount, 1)).map { number in
            LineJudgement(number: number, budget: budget)
        }
        var (wrongLines, wrongFirsts, wrongBounds) = (0, 0, 0)
        for _ in 0..<lineCount {
            let start = random
            var missed: [Int] = []
            for index in judgements.indices {
                if !drawsAnew { random = start }
                missed.append(judgements[index].missCount(&random))
            }
            if !drawsAnew { _ = random.next() }
            wrongLines += missed.contains { $0 > 0 } ? 1 : 0
            wrongFirsts += missed[0] > 0 ? 1 : 0
            wrongBounds += missed.reduce(0, +)
        }
        let how = drawsAnew ? "fresh images each time" : "the same images each time"
        let total = Double(lineCount)
        let first = BinomialStatistics.errorProbability(
            budget: budget, sequenceNumber: 1, boundCount: 1)
        let boundCount = judgements.reduce(0) { $0 + $1.boundCount }
        let spent = (1...max(versionCount, 1)).reduce(0) {
            $0
                + BinomialStatistics.errorProbability(
                    budget: budget, sequenceNumber: $1, boundCount: 1)
        }
        let whole = [
            Row(
                bound: "any bound of a line of \(versionCount), \(how)", drawCount: lineCount,
                missCount: wrongLines, promised: budget * total),
            Row(
                bound: "any bound of its first judgement, \(how)", drawCount: lineCount,
                missCount: wrongFirsts, promised: first * total),
        ]
        // Bounds of the same images are wrong together, so that their number has no such spread.
        guard drawsAnew else { return whole }
        return whole + [
            Row(
                bound: "each bound of its \(boundCount), \(how)",
                drawCount: lineCount * boundCount, missCount: wrongBounds,
                promised: spent * total)
        ]
    }
}
