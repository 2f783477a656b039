import LetheRecords

/// Whether the probes of a report can be what the judge wrote.
enum ProbeCheck {
    /// The figure with nothing but what was counted, so that the rest can be computed again.
    static func counted(_ figure: ProbeFigure) -> ProbeFigure {
        var counted = figure
        counted.excess = nil
        if figure.outcome == .noInformation { counted.outcome = .measured }
        return counted
    }

    /// Refuses probes that the policy does not ask for, that are left out, or whose counts
    /// contradict each other.
    ///
    /// - Throws: `integrity`.
    static func requirePossible(
        _ report: JudgeReport, requests: [ForgetRequest], policy: Policy
    ) throws(LetheError) {
        let figures = report.probes ?? []
        guard figures.allSatisfy({ isPossible($0, hasReference: report.reference != nil) }) else {
            throw wrong("The counts of a probe contradict each other.")
        }
        let found = figures.map {
            ProbeKey(probe: $0.probe, request: $0.request, setting: $0.setting)
        }
        let expected = policy.probes.map { expectedKeys($0, requests) } ?? []
        guard Set(found) == Set(expected), found.count == expected.count else {
            throw wrong("The report does not have exactly the probes that the policy asks for.")
        }
    }

    /// Every figure that a plan leads to.
    private static func expectedKeys(
        _ plan: ProbePolicy, _ requests: [ForgetRequest]
    ) -> [ProbeKey] {
        let lists: [(ProbeKind, [Int?])] = [
            (.headRefit, plan.headRefit?.imagesPerClass ?? []),
            (.prototype, plan.prototype?.imagesPerClass ?? []),
            (.membership, plan.membership == nil ? [] : [nil]),
            (.rounding, plan.rounding?.bits ?? []),
            (.relearning, plan.relearning?.imagesPerClass ?? []),
        ]
        let counted = requests.flatMap { request in
            lists.flatMap { kind, settings in
                settings.map { ProbeKey(probe: kind, request: request.id, setting: $0) }
            }
        }
        guard let path = plan.weightDistance else { return counted }
        let distance = ProbeKey(probe: .weightDistance, request: nil, setting: nil)
        guard path.barrierPointCount > 0 else { return counted + [distance] }
        return counted + [
            distance,
            ProbeKey(probe: .lossBarrier, request: nil, setting: path.barrierPointCount),
        ]
    }

    private static func isPossible(_ figure: ProbeFigure, hasReference: Bool) -> Bool {
        let key = ProbeKey(
            probe: figure.probe, request: figure.request, setting: figure.setting)
        guard let counts = figure.counts else {
            return figure.request == nil ? figure.outcome == .measured : figure.outcome == .noData
        }
        let isPaired = key.isComparedWithReference && hasReference
        let isFitting =
            figure.outcome == .noReference
            ? key.isComparedWithReference && !hasReference
            : figure.outcome != .noData && key.isComparedWithReference == isPaired
        let range = 0...max(counts.sampleCount, 0)
        guard isFitting, (1...1 << 40).contains(counts.sampleCount),
            range.contains(counts.correctCount), range.contains(counts.originalCorrectCount),
            (counts.referenceCorrectCount != nil) == isPaired,
            (counts.aboveReferenceCount != nil) == isPaired
        else { return false }
        guard let reference = counts.referenceCorrectCount, let above = counts.aboveReferenceCount
        else { return true }
        let both = counts.correctCount - above
        return above >= 0 && both >= 0 && (both...counts.sampleCount - above).contains(reference)
    }

    private static func wrong(_ message: String) -> LetheError {
        LetheError(
            code: .integrity, message: message,
            remedy: "Do not trust it; judge the version again.")
    }
}
