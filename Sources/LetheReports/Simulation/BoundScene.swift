internal import LetheRecords

/// A truth that can be drawn from, and the bound that a report would have for it.
enum BoundScene {
    /// So many images of forgotten classes, each named with this probability.
    case accuracy(trials: Int, probability: Double)
    /// So many retained images, each lost or gained with these probabilities: the paired drop, and
    /// with the names changed the excess of a probe above the reference.
    case pairedDrop(trials: Int, loss: Double, gain: Double)
    /// Forgotten training samples beside test samples of their classes, named with these
    /// probabilities; the classes have equal shares.
    case sampleExcess(samples: Int, forgotten: Double, tests: [(trials: Int, probability: Double)])

    /// What is simulated; true values where a bound comes close to being missed, and usual ones.
    static let all: [BoundScene] = [
        .accuracy(trials: 50, probability: 0.0582), .accuracy(trials: 50, probability: 0.12),
        .accuracy(trials: 200, probability: 0.01), .accuracy(trials: 200, probability: 0.3),
        .pairedDrop(trials: 120, loss: 0.03, gain: 0.01),
        .pairedDrop(trials: 320, loss: 0.10, gain: 0.09),
        .pairedDrop(trials: 60, loss: 0.3, gain: 0),
        .sampleExcess(samples: 40, forgotten: 0.9, tests: [(200, 0.9)]),
        .sampleExcess(samples: 100, forgotten: 0.95, tests: [(50, 0.9), (50, 0.8), (50, 0.7)]),
    ]

    /// In words.
    var name: String {
        switch self {
        case .accuracy(let trials, let probability):
            "accuracy: \(probability) of \(trials)"
        case .pairedDrop(let trials, let loss, let gain):
            "paired drop or excess: \(loss) lost, \(gain) gained of \(trials)"
        case .sampleExcess(let samples, let forgotten, let tests):
            "excess of samples: \(forgotten) of \(samples) beside "
                + tests.map { "\($0.probability) of \($0.trials)" }.joined(separator: ", ")
        }
    }

    /// Draws and bounds at one error probability.
    func bounds(errorProbability: Double) -> DrawnBounds {
        DrawnBounds(self, errorProbability: errorProbability)
    }
}

/// The bounds of a scene at one error probability, each computed once.
struct DrawnBounds {
    private let scene: BoundScene
    private let errorProbability: Double
    private let truth: Double
    /// Whether the bound of some counts is wrong, by the counts as digits of one number.
    private var known: [Int: Bool] = [:]
    private var draws: [Int: BinomialDraws] = [:]

    init(_ scene: BoundScene, errorProbability: Double) {
        self.scene = scene
        self.errorProbability = errorProbability
        truth =
            switch scene {
            case .accuracy(_, let probability): probability
            case .pairedDrop(_, let loss, let gain): loss - gain
            case .sampleExcess(_, let forgotten, let tests):
                forgotten - tests.reduce(0) { $0 + $1.probability } / Double(tests.count)
            }
    }

    /// Draws once; whether the truth lies above the bound.
    mutating func isMissed(_ random: inout SplitMix64) -> Bool {
        let counts = drawn(&random)
        let key = counts.reduce(0) { $0 << 12 | $1 }
        if let known = known[key] { return known }
        let isMissed = bound(counts) < truth
        known[key] = isMissed
        return isMissed
    }

    private mutating func drawn(_ random: inout SplitMix64) -> [Int] {
        switch scene {
        case .accuracy(let trials, let probability):
            return [draw(0, trials, probability, &random)]
        case .pairedDrop(let trials, let loss, let gain):
            let lost = draw(-1, trials, loss, &random)
            // Who is lost cannot be gained.
            return [lost, draw(lost, trials - lost, gain / (1 - loss), &random)]
        case .sampleExcess(let samples, let forgotten, let tests):
            let named = draw(-1, samples, forgotten, &random)
            return [named]
                + tests.enumerated().map { draw($0, $1.trials, $1.probability, &random) }
        }
    }

    private mutating func draw(
        _ key: Int, _ trials: Int, _ probability: Double, _ random: inout SplitMix64
    ) -> Int {
        let table = draws[key] ?? BinomialDraws(trials: trials, probability: probability)
        draws[key] = table
        return table.next(&random)
    }

    private func bound(_ counts: [Int]) -> Double {
        switch scene {
        case .accuracy(let trials, _):
            return BinomialStatistics.upperBound(
                successes: counts[0], trials: trials, errorProbability: errorProbability)
        case .pairedDrop(let trials, _, _):
            return BinomialStatistics.pairedDropUpperBound(
                lost: counts[0], gained: counts[1], trials: trials,
                errorProbability: errorProbability)
        case .sampleExcess(let samples, _, let tests):
            let strata = zip(counts.dropFirst(), tests).map {
                Stratum(weight: 1 / Double(tests.count), successes: $0, trials: $1.trials)
            }
            return BinomialStatistics.upperBound(
                successes: counts[0], trials: samples, errorProbability: errorProbability / 2)
                - BinomialStatistics.weightedLowerBound(
                    of: strata, errorProbability: errorProbability / 2)
        }
    }
}

/// One judgement of a line: the bounds that its report would have.
struct LineJudgement {
    /// Bounds of this judgement: one for each request, the drop, and a probe.
    let boundCount: Int
    private let requestCount: Int
    private var forgotten: DrawnBounds
    private var retained: DrawnBounds
    private var probe: DrawnBounds

    init(number: Int, budget: Double) {
        requestCount = number
        boundCount = number + 2
        let errorProbability = BinomialStatistics.errorProbability(
            budget: budget, sequenceNumber: number, boundCount: boundCount)
        // So likely that a bound of the first judgement is missed only by naming none, which is
        // what happens most often to such a bound.
        forgotten = BoundScene.accuracy(trials: 50, probability: 0.088)
            .bounds(errorProbability: errorProbability)
        retained = BoundScene.pairedDrop(trials: 120, loss: 0.08, gain: 0.02)
            .bounds(errorProbability: errorProbability)
        probe = BoundScene.pairedDrop(trials: 60, loss: 0.3, gain: 0.2)
            .bounds(errorProbability: errorProbability)
    }

    /// How many of them are wrong.
    mutating func missCount(_ random: inout SplitMix64) -> Int {
        var count = retained.isMissed(&random) ? 1 : 0
        count += probe.isMissed(&random) ? 1 : 0
        for _ in 0..<requestCount { count += forgotten.isMissed(&random) ? 1 : 0 }
        return count
    }
}
