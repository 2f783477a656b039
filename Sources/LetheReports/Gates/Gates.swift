import LetheRecords

/// The thresholds of a policy, applied to the figures of a report.
///
/// Each gate is a line in a table that a person reads: what was measured, the limit, held or not.
/// docs/FORMAT.md, "The gates", says what each is for.
enum Gates {
    /// Every gate, in the order in which the table shows them.
    static func results(
        forgotten: [ForgottenFigure], retained: RetainedFigure, classes: [ClassFigure],
        policy: Policy, requests: [ForgetRequest]
    ) -> [GateResult] {
        zip(forgotten, requests).flatMap { figure, request in
            figure.samples.map {
                sampleGates(figure, $0, of: request, classes: classes, policy: policy)
            } ?? forgottenGates(figure, classes: classes, policy: policy)
        }
            + retainedGates(retained, classes: classes, policy: policy)
    }

    /// A policy without a bar for samples is refused before; the limits here are then the strictest.
    private static func sampleGates(
        _ figure: ForgottenFigure, _ samples: SampleFigure, of request: ForgetRequest,
        classes: [ClassFigure], policy: Policy
    ) -> [GateResult] {
        let fewest = samples.classes.map { classes[$0.label].sampleCount }.min() ?? 0
        return [
            GateResult(
                gate: "sample-excess", subject: figure.request, value: samples.excess,
                atMost: policy.sampleExcessMaximum ?? 0),
            GateResult(
                gate: "sample-excess-upper-bound", subject: figure.request,
                value: samples.excessUpperBound,
                atMost: policy.sampleExcessUpperBoundMaximum ?? 0),
            // Samples on which the model is provably worse than on unseen ones stand out: whoever
            // asks it can tell that they were there.
            GateResult(
                gate: "sample-deficit", subject: figure.request, value: -samples.excessUpperBound,
                atMost: policy.sampleExcessUpperBoundMaximum ?? 0),
            GateResult(
                gate: "forgotten-training-samples", subject: figure.request,
                value: Double(figure.sampleCount), atLeast: Double(request.sampleCount)),
            GateResult(
                gate: "same-class-test-samples", subject: figure.request, value: Double(fewest),
                atLeast: 1),
        ]
    }

    private static func forgottenGates(
        _ figure: ForgottenFigure, classes: [ClassFigure], policy: Policy
    ) -> [GateResult] {
        let fewest = figure.classes.map { classes[$0].sampleCount }.min() ?? 0
        return [
            GateResult(
                gate: "forgotten-accuracy", subject: figure.request, value: figure.accuracy,
                atMost: chanceLimit(of: figure, policy: policy)),
            GateResult(
                gate: "forgotten-upper-bound", subject: figure.request,
                value: figure.accuracyUpperBound,
                atMost: figure.chance + policy.forgottenMarginAboveChance),
            GateResult(
                gate: "forgotten-samples", subject: figure.request,
                value: Double(figure.sampleCount), atLeast: Double(policy.forgottenSampleMinimum)),
            GateResult(
                gate: "forgotten-class-samples", subject: figure.request, value: Double(fewest),
                atLeast: 1),
        ]
    }

    /// The largest accuracy that is still consistent with guessing.
    ///
    /// The level is the whole error budget for every certificate: a smaller level would let more
    /// through, so that spending it over the sequence would reward a long line.
    private static func chanceLimit(of figure: ForgottenFigure, policy: Policy) -> Double {
        let count = BinomialStatistics.largestCountConsistent(
            withChance: figure.chance, trials: figure.sampleCount, level: policy.errorBudget)
        return fraction(count, of: figure.sampleCount, ifNone: figure.chance)
    }

    private static func retainedGates(
        _ figure: RetainedFigure, classes: [ClassFigure], policy: Policy
    ) -> [GateResult] {
        let retained = classes.filter { $0.request == nil }
        let fewest = retained.map(\.sampleCount).min() ?? 0
        return [
            GateResult(
                gate: "retained-drop", subject: "retained", value: figure.drop,
                atMost: policy.retainedDropMaximum),
            GateResult(
                gate: "retained-drop-upper-bound", subject: "retained",
                value: figure.dropUpperBound, atMost: policy.retainedDropUpperBoundMaximum),
            GateResult(
                gate: "retained-class-samples", subject: "retained", value: Double(fewest),
                atLeast: 1),
            GateResult(
                gate: "worst-class-drop",
                subject: figure.worstClass.map { "class \($0)" } ?? "retained",
                value: figure.worstClassDrop, atMost: policy.worstClassDropMaximum),
        ]
    }
}
