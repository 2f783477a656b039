public import LetheRecords

/// Figures from the answers of the judged model, the line's first version and the reference.
public enum ProbeFigures {
    /// What was counted, without any bound: `finished` adds what follows from the counts.
    public static func counted(
        judged: ProbeAnswers, original: ProbeAnswers, reference: ProbeAnswers?,
        requests: [ForgetRequest], plan: ProbePolicy?
    ) -> [ProbeFigure] {
        let places = Dictionary(
            uniqueKeysWithValues: requests.enumerated().map { ($1.id, $0) })
        let keys = judged.hits.keys.sorted {
            let (one, other) = (places[$0.request ?? ""] ?? 0, places[$1.request ?? ""] ?? 0)
            return one == other ? $0 < $1 : one < other
        }
        let hits = keys.map { key in
            figure(
                key, judged.hits[key] ?? nil, original.hits[key] ?? nil,
                reference?.hits[key] ?? nil, isPaired: key.isComparedWithReference(by: plan))
        }
        let values = judged.values.keys.sorted().map { key in
            ProbeFigure(
                probe: key.probe, request: nil, setting: key.setting,
                outcome: judged.values[key] == .some(nil) ? .noData : .measured,
                value: judged.values[key] ?? nil, referenceValue: reference?.values[key] ?? nil)
        }
        return hits + values
    }

    private static func figure(
        _ key: ProbeKey, _ judged: [Bool]?, _ original: [Bool]?, _ reference: [Bool]?,
        isPaired: Bool
    ) -> ProbeFigure {
        guard let judged, let original, !judged.isEmpty else {
            return ProbeFigure(
                probe: key.probe, request: key.request, setting: key.setting,
                stepCount: key.stepCount, outcome: .noData)
        }
        let paired = isPaired ? reference : nil
        return ProbeFigure(
            probe: key.probe, request: key.request, setting: key.setting,
            stepCount: key.stepCount, outcome: isPaired && paired == nil ? .noReference : .measured,
            counts: ProbeCounts(
                sampleCount: judged.count, correctCount: judged.count { $0 },
                originalCorrectCount: original.count { $0 },
                referenceCorrectCount: paired?.count { $0 },
                aboveReferenceCount: paired.map { zip(judged, $0).count { $0 && !$1 } }))
    }

    /// How many bounds the figures have: one for each that is compared with the reference.
    static func boundCount(_ figures: [ProbeFigure]) -> Int {
        figures.count { $0.counts?.aboveReferenceCount != nil }
    }

    /// The figure with everything that follows from its counts.
    static func finished(
        _ figure: ProbeFigure, policy: Policy, errorProbability: Double
    ) -> ProbeFigure {
        var figure = figure
        guard let counts = figure.counts else { return figure }
        let isAttack = figure.probe == .membership || figure.probe == .neighbourClass
        if isAttack, figure.outcome != .noReference, !isAboveGuessing(counts, policy) {
            figure.outcome = .noInformation
        }
        guard let reference = counts.referenceCorrectCount, let above = counts.aboveReferenceCount
        else { return figure }
        figure.excess = ProbeExcess(
            measured: Double(counts.correctCount - reference) / Double(counts.sampleCount),
            upperBound: BinomialStatistics.pairedDropUpperBound(
                lost: above, gained: reference - (counts.correctCount - above),
                trials: counts.sampleCount, errorProbability: errorProbability))
        return figure
    }

    /// Whether an attack guesses better than a coin on the first version, which saw the members.
    private static func isAboveGuessing(_ counts: ProbeCounts, _ policy: Policy) -> Bool {
        counts.originalCorrectCount
            > BinomialStatistics.largestCountConsistent(
                withChance: 0.5, trials: counts.sampleCount, level: policy.errorBudget)
    }
}

extension ProbeKey {
    /// Features tell classes that a model never saw, and so does training on them: those probes
    /// say something only beside a model that never saw the classes.
    ///
    /// With retained images alone a model that never saw them never names them, so that chance is a bar
    /// for all; a policy may ask for the stricter one.
    func isComparedWithReference(by plan: ProbePolicy?) -> Bool {
        switch probe {
        case .headRefit, .prototype, .neighbourClass: true
        case .relearning:
            setting != 0 || plan?.relearning?.retainedOnlyExcessMaximum != nil
        case .membership, .rounding, .weightDistance, .lossBarrier, .outputDivergence: false
        }
    }
}
