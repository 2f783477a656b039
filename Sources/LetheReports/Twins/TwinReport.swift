public import LetheRecords

/// The bars of tier 3.
public struct TwinBars: Sendable, Codable, Equatable {
    /// The level of the exact tests.
    public var level: Double
    /// By how much an attack may do better than guessing: twice its share of right answers less one.
    public var advantageMaximum: Double
    /// How much farther than another seed forgetting may be from Retrain, in points of the average gap.
    public var gapExcessMaximum: Double

    /// Sets the bars.
    public init(
        level: Double = 0.05, advantageMaximum: Double = 0.1, gapExcessMaximum: Double = 5
    ) {
        self.level = level
        self.advantageMaximum = advantageMaximum
        self.gapExcessMaximum = gapExcessMaximum
    }
}

/// What one attack found.
public struct TwinFigure: Sendable, Codable, Equatable {
    /// Which.
    public var attack: TwinAttack
    /// `measured`, or `no-information` where it cannot even tell the models that forgot nothing.
    public var outcome: Outcome
    /// The share of right answers in each pair that it was tried on, in 0...1.
    public var accuracies: [Double]
    /// The same where nothing was forgotten.
    public var sanityAccuracies: [Double]
    /// The area under the curve of hits over false alarms, over all tried pairs together.
    public var areaUnderCurve: Double
    /// The share of hits with at most one false alarm in a hundred.
    public var hitRateAtOnePercent: Double

    /// Whether an attack says anything.
    public enum Outcome: String, Sendable, Codable {
        /// It told the models that forgot nothing.
        case measured
        /// It did not.
        case noInformation = "no-information"
    }

    /// The mean over the pairs.
    public var meanAccuracy: Double {
        accuracies.reduce(0, +) / Double(max(accuracies.count, 1))
    }
}

/// Tier 3: what many small twins say about a way of forgetting.
///
/// It says nothing about one file: what is judged is a recipe, on twins of a given size and data.
public struct TwinReport: Sendable, Codable, Equatable {
    /// Pairs of twins.
    public let pairCount: Int
    /// How many of them, the first ones, the attackers learnt from; the others were attacked.
    public let fittedPairCount: Int
    /// What the attacks found.
    public let attacks: [TwinFigure]
    /// The mean over the pairs of the average gap to Retrain, in points.
    public let averageGap: Double
    /// The mean of the same between twins that were both retrained, under different seeds.
    public let seedGap: Double
    /// The bars.
    public let bars: TwinBars
    /// The bars applied.
    public let gates: [GateResult]

    /// Whether every gate held and at least one attack said anything.
    public var passed: Bool {
        gates.allSatisfy(\.held) && attacks.contains { $0.outcome == .measured }
    }

    /// The attacks that said nothing.
    public var notTested: [TwinAttack] {
        attacks.filter { $0.outcome == .noInformation }.map(\.attack)
    }

    /// Computes every figure.
    ///
    /// The first half of the pairs, an even number, is what attackers learn from. The rest are what
    /// they are tried on, and each counts once: the models of a pair share seed and samples, so their
    /// answers depend on one another, and the exact test is a sign test over pairs.
    ///
    /// - Throws: `invalidArgument` for too few pairs to find anything at the level, or pairs that are
    ///   not about the same samples.
    public init(_ pairs: [TwinPair], bars: TwinBars = TwinBars()) throws(LetheError) {
        let fitted = Self.fittedPairCount(of: pairs.count)
        let tested = pairs.count - fitted
        try Self.require(pairs, fitted: fitted, level: bars.level)
        let allowed = BinomialStatistics.largestCountConsistent(
            withChance: 0.5, trials: tested, level: bars.level)
        pairCount = pairs.count
        fittedPairCount = fitted
        self.bars = bars
        attacks = TwinAttack.allCases.map {
            Self.figure($0, pairs.prefix(fitted), pairs.dropFirst(fitted), allowed: allowed)
        }
        let seedGaps = pairs.compactMap(\.seedGap)
        averageGap = pairs.reduce(0) { $0 + $1.averageGap } / Double(pairs.count)
        seedGap = seedGaps.reduce(0, +) / Double(max(seedGaps.count, 1))
        let limit = (1 + bars.advantageMaximum) / 2
        gates =
            attacks.filter { $0.outcome == .measured }.map { figure in
                GateResult(
                    gate: "\(figure.attack.rawValue)-attack",
                    subject: "pairs above \(limit) right",
                    value: Double(figure.accuracies.count { $0 > limit }),
                    atMost: Double(allowed))
            } + [
                GateResult(
                    gate: "average-gap", subject: "above another seed's, in points",
                    value: averageGap - seedGap, atMost: bars.gapExcessMaximum)
            ]
    }

    /// The fewest pairs that a report can be made of at a level.
    public static func pairMinimum(level: Double) -> Int {
        var count = 4
        while count < 10_000, !canFind(level: level, trials: count - fittedPairCount(of: count)) {
            count += 1
        }
        return count
    }

    /// Half of them, but at least four, so that each sample is learnt by two of them and not by one
    /// alone, which would have no deviation.
    private static func fittedPairCount(of count: Int) -> Int { max(4, count / 4 * 2) }

    /// Whether all of so many pairs together would be found.
    private static func canFind(level: Double, trials: Int) -> Bool {
        BinomialStatistics.largestCountConsistent(withChance: 0.5, trials: trials, level: level)
            < trials
    }

    private static func figure(
        _ attack: TwinAttack, _ fit: ArraySlice<TwinPair>, _ test: ArraySlice<TwinPair>,
        allowed: Int
    ) -> TwinFigure {
        let found = attack.design.result(fittedTo: fit, on: test)
        let sanity = attack.sanityDesign.result(fittedTo: fit, on: test)
        let tells = sanity.accuracies.count { $0 > 0.5 } > allowed
        return TwinFigure(
            attack: attack, outcome: tells ? .measured : .noInformation,
            accuracies: found.accuracies, sanityAccuracies: sanity.accuracies,
            areaUnderCurve: Separation.areaUnderCurve(found.first, found.second),
            hitRateAtOnePercent: Separation.hitRate(
                found.first, found.second, falseAlarmMaximum: 0.01))
    }

    private static func require(
        _ pairs: [TwinPair], fitted: Int, level: Double
    ) throws(LetheError) {
        guard pairs.count > fitted, canFind(level: level, trials: pairs.count - fitted) else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(pairs.count) pairs of twins are too few to find anything.",
                remedy: "Train at least \(pairMinimum(level: level)).")
        }
        let count = pairs[0].isMember.count
        guard count > 0, pairs.allSatisfy({ $0.isWhole && $0.isMember.count == count }) else {
            throw LetheError(
                code: .invalidArgument,
                message: "The pairs of twins are not about the same samples, or a score is no "
                    + "number.", remedy: "Make them in one batch, with the same data.")
        }
    }
}
