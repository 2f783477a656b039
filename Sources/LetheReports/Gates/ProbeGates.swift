import LetheRecords

/// The thresholds of a policy's probes, applied to their figures.
enum ProbeGates {
    /// One gate for each figure that was measured and that the policy has a threshold for.
    static func results(
        _ figures: [ProbeFigure], policy: Policy, classCount: Int
    ) -> [GateResult] {
        figures.compactMap { gate($0, policy: policy, classCount: classCount) }
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
        case .relearning where figure.setting != 0:
            return atMost(figure, excess, plan.relearning?.excessMaximum)
        case .relearning, .rounding:
            let chance = BinomialStatistics.chance(classCount: classCount)
            return consistent(figure, counts, with: chance, policy)
        case .membership:
            let advantage = plan.membership?.advantageMaximum ?? 0
            return consistent(figure, counts, with: (1 + advantage) / 2, policy)
        case .weightDistance, .lossBarrier: return nil
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
        default: return "\(request), \(setting) a class"
        }
    }
}
