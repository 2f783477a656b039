public import LetheRecords

/// What names one figure of one probe.
public struct ProbeKey: Hashable, Comparable, Sendable {
    /// Which probe.
    public let probe: ProbeKind
    /// The request whose classes are looked for; nil where the probe is about the whole model.
    public let request: String?
    /// Images of each class, bits, or points; nil without.
    public let setting: Int?
    /// After how many steps of relearning; nil for its end, and for other probes.
    public let stepCount: Int?

    /// Names a figure.
    public init(probe: ProbeKind, request: String?, setting: Int?, stepCount: Int? = nil) {
        self.probe = probe
        self.request = request
        self.setting = setting
        self.stepCount = stepCount
    }

    /// Orders by probe, then by setting, then by steps with the end last.
    public static func < (left: ProbeKey, right: ProbeKey) -> Bool {
        let order = ProbeKind.allCases
        let places = (order.firstIndex(of: left.probe) ?? 0, order.firstIndex(of: right.probe) ?? 0)
        return (places.0, left.setting ?? -1, left.stepCount ?? .max)
            < (places.1, right.setting ?? -1, right.stepCount ?? .max)
    }
}

/// What the probes found in one model, hit by hit, so that two models can be paired.
public struct ProbeAnswers: Sendable {
    /// Whether each sample was hit; nil where the samples that the probe needs are gone.
    public var hits: [ProbeKey: [Bool]?] = [:]
    /// Distances, divergences and losses; nil where the samples that the probe needs are gone.
    public var values: [ProbeKey: Double?] = [:]

    /// No answers yet.
    public init() {}
}

extension ProbeFigure {
    /// What names it.
    var key: ProbeKey {
        ProbeKey(probe: probe, request: request, setting: setting, stepCount: stepCount)
    }
}
