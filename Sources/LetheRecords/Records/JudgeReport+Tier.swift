extension JudgeReport {
    /// The probes that tier 2 asks for (methods section 10.2), our choice of those that gate.
    private static let tierTwoProbes: [ProbeKind] = [
        .headRefit, .membership, .rounding, .relearning,
    ]

    /// The tier that the measurements reach: 2 if each of its probes was measured for every
    /// request, with a reference where it needs one; else 1.
    ///
    /// An attack without information counts as measured, because a model that never leaked
    /// cannot be made to; `notTested` names it.
    public var tier: Int {
        let figures = probes ?? []
        let isComplete = Self.tierTwoProbes.allSatisfy { kind in
            forgotten.allSatisfy { request in
                figures.contains { $0.probe == kind && $0.request == request.request }
            }
        }
        let isGated = figures.allSatisfy { figure in
            figure.outcome == .measured || figure.outcome == .noInformation
        }
        return !figures.isEmpty && isComplete && isGated ? 2 : 1
    }

    /// What nobody may read into a certificate with this report.
    public var notTested: [String] {
        let names: [(ProbeKind, String)] = [
            (.membership, "membership inference"),
            (.relearning, "relearning after later training"),
            (.headRefit, "recovery by refitting the head on the features"),
            (.rounding, "behaviour after quantisation"),
            (.neighbourClass, "probabilities of neighbouring classes"),
        ]
        return names.compactMap { kind, name in
            let figures = (probes ?? []).filter { $0.probe == kind }
            if figures.isEmpty { return name }
            let outcomes = Set(figures.map(\.outcome))
            if outcomes.contains(.noData) { return "\(name) (no data for a request)" }
            if outcomes.contains(.noReference) { return "\(name) (measured, but not judged)" }
            if outcomes.contains(.noInformation) { return "\(name) (the attack finds nothing)" }
            return nil
        }
    }
}
