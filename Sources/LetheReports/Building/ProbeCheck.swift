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
        let hasReference = report.reference != nil
        guard figures.allSatisfy({ isPossible($0, policy.probes, hasReference: hasReference) })
        else {
            throw wrong("The counts of a probe contradict each other.")
        }
        let found = figures.map(\.key)
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
            (.neighbourClass, plan.neighbourClass == nil ? [] : [nil]),
        ]
        let counted = requests.flatMap { request in
            lists.flatMap { kind, settings in
                settings.map { ProbeKey(probe: kind, request: request.id, setting: $0) }
            } + expectedCurves(plan.relearning, request)
        }
        var wholes: [(ProbeKind, Int?)] = []
        if plan.outputDivergence != nil { wholes.append((.outputDivergence, nil)) }
        if let path = plan.weightDistance {
            wholes.append((.weightDistance, nil))
            if path.barrierPointCount > 0 { wholes.append((.lossBarrier, path.barrierPointCount)) }
        }
        return counted + wholes.map { ProbeKey(probe: $0, request: nil, setting: $1) }
    }

    /// A figure for each measured step and one for the end.
    private static func expectedCurves(
        _ plan: RelearningProbe?, _ request: ForgetRequest
    ) -> [ProbeKey] {
        guard let plan else { return [] }
        let steps: [Int?] = (plan.measuredSteps ?? []) + [nil]
        return plan.imagesPerClass.flatMap { images in
            steps.map {
                ProbeKey(probe: .relearning, request: request.id, setting: images, stepCount: $0)
            }
        }
    }

    /// Whether a figure without counts says whether it was measured.
    private static func isPossibleValue(_ figure: ProbeFigure) -> Bool {
        figure.request == nil
            ? figure.outcome == (figure.value == nil ? .noData : .measured)
            : figure.outcome == .noData
    }

    private static func isPossible(
        _ figure: ProbeFigure, _ plan: ProbePolicy?, hasReference: Bool
    ) -> Bool {
        let isCompared = figure.key.isComparedWithReference(by: plan)
        guard let counts = figure.counts else { return isPossibleValue(figure) }
        let isPaired = isCompared && hasReference
        let isFitting =
            figure.outcome == .noReference
            ? isCompared && !hasReference
            : figure.outcome != .noData && isCompared == isPaired
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
