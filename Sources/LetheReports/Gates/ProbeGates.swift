import LetheRecords

/// The thresholds of a policy's probes, applied to their figures.
enum ProbeGates {
    /// One gate for each figure that was measured and that the policy has a threshold for.
    static func results(
        _ figures: [ProbeFigure], policy: Policy, classCount: Int
    ) -> [GateResult] {
        figures.flatMap {
            [gate($0, policy: policy, classCount: classCount), dormancy($0, policy: policy)]
                .compactMap { $0 }
        } + curves(figures, policy: policy)
    }

    /// The mean of each curve of relearning and its end.
    ///
    /// How fast a class comes back tells more than how much of it is there at the end, which differs
    /// widely between honest models that were trained under different seeds.
    private static func curves(_ figures: [ProbeFigure], policy: Policy) -> [GateResult] {
        guard let plan = policy.probes?.relearning, let limit = plan.curveExcessMaximum else {
            return []
        }
        let ends = figures.filter {
            $0.probe == .relearning && $0.setting != 0 && $0.stepCount == nil
        }
        return ends.compactMap { end in
            let points = figures.filter {
                $0.probe == end.probe && $0.request == end.request && $0.setting == end.setting
            }
            let excesses = points.filter { $0.outcome == .measured }.compactMap(\.excess?.measured)
            guard !excesses.isEmpty, excesses.count == points.count else { return nil }
            return GateResult(
                gate: "relearning-curve-recovery", subject: subject(end),
                value: excesses.reduce(0, +) / Double(excesses.count), atMost: limit)
        }
    }

    /// What comes back with retained images alone, where the policy compares it with the reference.
    private static func dormancy(_ figure: ProbeFigure, policy: Policy) -> GateResult? {
        guard figure.probe == .relearning, figure.setting == 0, figure.outcome == .measured,
            let limit = policy.probes?.relearning?.retainedOnlyExcessMaximum,
            let excess = figure.excess?.measured
        else { return nil }
        return GateResult(
            gate: "dormant-recovery", subject: subject(figure), value: excess, atMost: limit)
    }

    private static func gate(
        _ figure: ProbeFigure, policy: Policy, classCount: Int
    ) -> GateResult? {
        guard figure.outcome == .measured, let plan = policy.probes, let counts = figure.counts
        else { return nil }
        let excess = figure.excess?.measured
        switch figure.probe {
        case .headRefit: return atMost(figure, excess, plan.headRefit?.excessMaximum)
        case .prototype: return atMost(figure, excess, plan.prototype?.excessMaximum)
        // Points on the way are judged by the mean of their curve.
        case .relearning where figure.setting != 0 && figure.stepCount != nil: return nil
        case .relearning where figure.setting != 0:
            return atMost(figure, excess, plan.relearning?.excessMaximum)
        case .relearning, .rounding:
            let chance = BinomialStatistics.chance(classCount: classCount)
            return consistent(figure, counts, with: chance, policy)
        case .membership:
            let advantage = plan.membership?.advantageMaximum ?? 0
            return consistent(figure, counts, with: (1 + advantage) / 2, policy)
        case .neighbourClass:
            return atMost(figure, excess.map(abs), plan.neighbourClass?.gapMaximum)
        case .weightDistance, .lossBarrier, .outputDivergence: return nil
        }
    }

    private static func atMost(
        _ figure: ProbeFigure, _ value: Double?, _ limit: Double?
    ) -> GateResult? {
        guard let value, let limit else { return nil }
        return GateResult(
            gate: name(figure), subject: subject(figure), value: value, atMost: limit)
    }

    /// Holds if an exact binomial test at the error budget does not find more than chance.
    private static func consistent(
        _ figure: ProbeFigure, _ counts: ProbeCounts, with chance: Double, _ policy: Policy
    ) -> GateResult {
        let largest = BinomialStatistics.largestCountConsistent(
            withChance: chance, trials: counts.sampleCount, level: policy.errorBudget)
        return GateResult(
            gate: name(figure), subject: subject(figure),
            value: fraction(counts.correctCount, of: counts.sampleCount, ifNone: 1),
            atMost: fraction(largest, of: counts.sampleCount, ifNone: 0))
    }

    private static func name(_ figure: ProbeFigure) -> String {
        switch figure.probe {
        case .membership: "membership-attack"
        case .neighbourClass: "neighbour-class-attack"
        default: "\(figure.probe.rawValue)-recovery"
        }
    }

    private static func subject(_ figure: ProbeFigure) -> String {
        let request = figure.request ?? "model"
        guard let setting = figure.setting else { return request }
        switch figure.probe {
        case .rounding: return "\(request), \(setting) bits"
        case .headRefit, .prototype:
            return "\(request), " + (setting == 0 ? "all images" : "\(setting) a class")
        case .relearning:
            let steps = figure.stepCount.map { ", \($0) steps" } ?? ""
            return "\(request), \(setting) a class\(steps)"
        default: return "\(request), \(setting) a class"
        }
    }
}
