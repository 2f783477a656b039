import LetheRecords

/// What names one figure of one probe.
struct ProbeKey: Hashable, Comparable {
    let probe: ProbeKind
    let request: String?
    let setting: Int?

    static func < (left: ProbeKey, right: ProbeKey) -> Bool {
        let order = ProbeKind.allCases
        let places = (order.firstIndex(of: left.probe) ?? 0, order.firstIndex(of: right.probe) ?? 0)
        return (places.0, left.setting ?? -1) < (places.1, right.setting ?? -1)
    }
}

/// What the probes found in one model, hit by hit, so that two models can be paired.
struct ProbeAnswers {
    /// Whether each sample was hit; nil where the samples that the probe needs are gone.
    var hits: [ProbeKey: [Bool]?] = [:]
    /// Distances and losses.
    var values: [ProbeKey: Double] = [:]
}
