public import LetheRecords

/// The limits of a policy for requests to erase.
struct CaseLimits {
    private let rules: RequestRules

    init(_ rules: RequestRules?) {
        self.rules = rules ?? RequestRules()
    }

    /// Refuses to accept more than the policy allows within its window.
    ///
    /// The limits are on accepting: whatever comes in has to be written down and answered.
    ///
    /// - Throws: `refused`, saying what to do with the request meanwhile.
    func check(
        _ file: CaseFile, among all: [CaseFile], now: Timestamp
    ) throws(LetheError) {
        let start = now.adding(days: -(rules.windowDays ?? 30))
        let accepted = all.filter { other in
            other.opening.id != file.opening.id
                && other.steps.contains { $0.step == .accepted && $0.created > start }
        }
        let ofRequester = accepted.count { $0.opening.requester == file.opening.requester }
        if let maximum = rules.perRequesterMaximum, ofRequester >= maximum {
            throw reached(file, "of \(file.opening.requester)", ofRequester)
        }
        let ofModel = accepted.count { $0.opening.model == file.opening.model }
        if let maximum = rules.perModelMaximum, ofModel >= maximum {
            throw reached(file, "about \(file.opening.model)", ofModel)
        }
    }

    private func reached(_ file: CaseFile, _ whose: String, _ count: Int) -> LetheError {
        let days = rules.windowDays ?? 30
        return LetheError(
            code: .refused,
            message: "\(count) requests \(whose) were accepted within \(days) days; the policy "
                + "allows no more.",
            remedy: "Accept it later (it is due \(file.due)), extend its time with a reason, or "
                + "refuse it if it is excessive (GDPR article 12(5)).")
    }
}

/// How much of a model the requests that wait would have it forget.
public struct QueueAlarm: Sendable, Equatable {
    /// The model.
    public let model: String
    /// How many requests wait.
    public let requestCount: Int
    /// The share of its classes that they name, in 0...1.
    public let classShare: Double
    /// The share of its training samples that they name, in 0...1.
    public let sampleShare: Double
    /// The policy's threshold.
    public let threshold: Double

    /// In a sentence.
    public var words: String {
        let percent = { (share: Double) in "\(Int((share * 100).rounded(.up))) %" }
        return "ALARM: the \(requestCount) requests about \(model) that wait name "
            + "\(percent(classShare)) of its classes and \(percent(sampleShare)) of its training "
            + "samples; the policy's threshold is \(percent(threshold)). See who asks before "
            + "anything is run."
    }
}

extension Registry {
    /// The models of which waiting requests would have more forgotten than the policy's threshold.
    ///
    /// - Throws: as `caseFiles`.
    public func queueAlarms(policy: Policy) throws(LetheError) -> [QueueAlarm] {
        guard let threshold = policy.requests?.alarmShare else { return [] }
        let waiting = try caseFiles().filter(\.isPending).map(\.opening)
        let byModel = Dictionary(grouping: waiting, by: \.model).sorted { $0.key < $1.key }
        return try byModel.mapping { (model, cases) throws(LetheError) in
            let shares = try shares(of: cases)
            return QueueAlarm(
                model: model, requestCount: cases.count, classShare: shares.classes,
                sampleShare: shares.samples, threshold: threshold)
        }.filter { max($0.classShare, $0.sampleShare) > threshold }
    }

    /// The largest shares that the requests name of any one of their datasets.
    private func shares(
        of cases: [ErasureCase]
    ) throws(LetheError) -> (classes: Double, samples: Double) {
        var largest = (classes: 0.0, samples: 0.0)
        for (name, cases) in Dictionary(grouping: cases, by: \.dataset.name) {
            let record = try dataset(named: name).record
            let counts = try record.split(named: "train").classSampleCounts
            let labels = Set(cases.flatMap(\.classes)).filter(counts.indices.contains)
            let single = Set(cases.flatMap { $0.samples?.commitments ?? [] }).count
            let named = labels.reduce(single) { $0 + counts[$1] }
            let total = counts.reduce(0, +)
            largest.classes = max(
                largest.classes, Double(labels.count) / Double(max(record.classCount, 1)))
            largest.samples = max(
                largest.samples, min(Double(named) / Double(max(total, 1)), 1))
        }
        return largest
    }
}
