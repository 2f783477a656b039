public import LetheRecords

/// The pure half of the judge: counts in, report out.
///
/// It touches no model, no file and no clock, so that every gate is tested in milliseconds.
public struct ReportBuilder: Sendable {
    /// SHA-256 of the judged weights.
    public var weights: Digest
    /// SHA-256 of the weights of the line's first version.
    public var original: Digest
    /// The test data.
    public var dataset: DatasetReference
    /// The split that was measured.
    public var split: String
    /// Every request that the line has honoured, oldest first.
    public var requests: [ForgetRequest]
    /// The bar.
    public var policy: Policy
    /// t of the error budget, from 1.
    public var sequenceNumber: Int
    /// SHA-256 of the reference's weights; nil without one.
    public var reference: Digest?

    /// Takes what a report is about.
    public init(
        weights: Digest, original: Digest, dataset: DatasetReference, split: String,
        requests: [ForgetRequest], policy: Policy, sequenceNumber: Int, reference: Digest? = nil
    ) {
        self.weights = weights
        self.original = original
        self.dataset = dataset
        self.split = split
        self.requests = requests
        self.policy = policy
        self.sequenceNumber = sequenceNumber
        self.reference = reference
    }

    /// Takes what a report is about from the judge's task.
    public init(_ task: JudgeTask) {
        self.init(
            weights: task.weights, original: task.original, dataset: task.datasetReference,
            split: task.split, requests: task.requests, policy: task.policy,
            sequenceNumber: task.sequenceNumber)
    }

    /// The report over paired answers.
    ///
    /// - Parameter samples: For each request that names samples, the answers for them.
    /// - Throws: `invalidArgument` for a policy, request or sequence number that makes no sense,
    ///   `labelMismatch` for a request of a class that the head does not have.
    public func report(
        _ paired: PairedPredictions, samples: [String: [SampleClassCount]] = [:],
        probes: [ProbeFigure]? = nil, environment: RunEnvironment
    ) throws(LetheError) -> JudgeReport {
        try report(
            ClassCounts(paired, requests: requests), samples: samples, probes: probes,
            environment: environment)
    }

    /// The report over counts.
    ///
    /// - Parameter probes: What the probes counted; what follows from the counts is added here.
    /// - Throws: as `report(_:environment:)` over answers.
    public func report(
        _ counts: ClassCounts, samples: [String: [SampleClassCount]] = [:],
        probes: [ProbeFigure]? = nil, environment: RunEnvironment
    ) throws(LetheError) -> JudgeReport {
        try requireSense(classCount: counts.classes.count)
        // One bound for each request, one for the paired drop, one for each paired probe.
        let errorProbability = BinomialStatistics.errorProbability(
            budget: policy.errorBudget, sequenceNumber: sequenceNumber,
            boundCount: requests.count + 1 + ProbeFigures.boundCount(probes ?? []))
        let probes = probes.map { figures in
            figures.map {
                ProbeFigures.finished($0, policy: policy, errorProbability: errorProbability)
            }
        }
        let forgotten = requests.map { request in
            request.samples == nil
                ? ForgottenAccuracy.figure(
                    for: request, counts: counts, errorProbability: errorProbability)
                : SampleExcess.figure(
                    for: request, samples: samples[request.id] ?? [], counts: counts,
                    errorProbability: errorProbability)
        }
        let retained = RetainedAccuracy.figure(
            counts: counts, errorProbability: errorProbability,
            worstClassSampleMinimum: policy.worstClassSampleMinimum)
        return JudgeReport(
            weights: weights, original: original, dataset: dataset, split: split,
            policy: PolicyReference(name: policy.name, digest: try policy.digest()),
            sequenceNumber: sequenceNumber, errorProbability: errorProbability,
            forgotten: forgotten, retained: retained, classes: counts.classes,
            hMean: hMean(forgotten: forgotten, retained: retained),
            gates: Gates.results(
                forgotten: forgotten, retained: retained, classes: counts.classes, policy: policy,
                requests: requests)
                + ProbeGates.results(
                    probes ?? [], policy: policy, classCount: counts.classes.count),
            environment: environment, probes: probes, reference: reference)
    }

    /// Of the newest request; 0 where the line has none.
    private func hMean(forgotten: [ForgottenFigure], retained: RetainedFigure) -> Double {
        guard let newest = forgotten.last else { return 0 }
        return BinomialStatistics.harmonicMean(
            retainedAccuracy: retained.accuracy,
            originalForgottenAccuracy: newest.originalAccuracy,
            forgottenAccuracy: newest.accuracy)
    }

    /// Refuses what would make a bound or a gate meaningless.
    ///
    /// - Throws: `invalidArgument` or `labelMismatch`, saying what.
    public func requireSense(classCount: Int) throws(LetheError) {
        guard sequenceNumber >= 1 else {
            throw .senseless("the certificate's number \(sequenceNumber) is below 1")
        }
        try policy.requireSense()
        var seen: Set<String> = []
        for request in requests {
            guard request.classes.isEmpty == (request.samples != nil) else {
                throw .senseless(
                    "the request \(request.id) names no class, or samples beside classes")
            }
            guard request.samples == nil || policy.judgesSamples else {
                throw .senseless(
                    "the policy \(policy.name) has no bar for requests that name samples "
                        + "(sampleExcessMaximum, sampleExcessUpperBoundMaximum)")
            }
            guard seen.insert(request.id).inserted else {
                throw .senseless("the request \(request.id) is listed twice")
            }
        }
        _ = try ClassCounts.owners(of: requests, classCount: classCount)
    }
}

extension Policy {
    /// Whether it has a bar for requests that name samples.
    var judgesSamples: Bool {
        sampleExcessMaximum != nil && sampleExcessUpperBoundMaximum != nil
    }

    /// Refuses a budget outside 0...1 (both ends excluded) and thresholds that are no fractions.
    func requireSense() throws(LetheError) {
        guard errorBudget > 0, errorBudget < 1 else {
            throw .senseless("the policy's error budget \(errorBudget) is not between 0 and 1")
        }
        let thresholds = [
            forgottenMarginAboveChance, retainedDropMaximum, retainedDropUpperBoundMaximum,
            worstClassDropMaximum, sampleExcessMaximum ?? 0, sampleExcessUpperBoundMaximum ?? 0,
        ]
        for threshold in thresholds where !(0...1).contains(threshold) {
            throw .senseless("the policy's threshold \(threshold) is not a fraction in 0...1")
        }
        guard forgottenSampleMinimum >= 1, worstClassSampleMinimum >= 1 else {
            throw .senseless("a least number of samples in the policy is below 1")
        }
        guard (0...1).contains(testOverlapMaximum ?? 0) else {
            throw .senseless("the policy's testOverlapMaximum is not a fraction in 0...1")
        }
        try probes?.requireSense()
    }
}

extension ProbePolicy {
    /// Refuses thresholds that are no fractions, counts below their least and repeated settings.
    func requireSense() throws(LetheError) {
        let thresholds = [
            headRefit?.excessMaximum, prototype?.excessMaximum, membership?.advantageMaximum,
            relearning?.excessMaximum, relearning?.retainedOnlyExcessMaximum,
            relearning?.curveExcessMaximum, neighbourClass?.gapMaximum,
        ].compactMap { $0 }
        for threshold in thresholds where !(0...1).contains(threshold) {
            throw .senseless("a probe's threshold \(threshold) is not a fraction in 0...1")
        }
        let settings = [
            headRefit?.imagesPerClass, prototype?.imagesPerClass, relearning?.imagesPerClass,
            rounding?.bits,
        ].compactMap { $0 }
        for list in settings
        where list.isEmpty || Set(list).count < list.count || list.contains(where: { $0 < 0 }) {
            throw .senseless("a probe's settings \(list) are empty, repeated or negative")
        }
        guard (rounding?.bits ?? []).allSatisfy({ (2...8).contains($0) }) else {
            throw .senseless("a number of bits is not in 2...8")
        }
        if let relearning {
            let counts = [relearning.retainedImagesPerClass, relearning.stepCount]
            guard counts.allSatisfy({ $0 >= 1 }), relearning.batchSize >= 2,
                relearning.learningRate > 0
            else { throw .senseless("a setting of relearning is too small") }
            let steps = [0] + (relearning.measuredSteps ?? []) + [relearning.stepCount]
            guard zip(steps, steps.dropFirst()).allSatisfy({ $0 < $1 }) else {
                throw .senseless("measuredSteps are not ascending between 0 and stepCount")
            }
        }
        guard (0...100).contains(weightDistance?.barrierPointCount ?? 0) else {
            throw .senseless("barrierPointCount is not in 0...100")
        }
    }
}

extension LetheError {
    /// A task that cannot be judged as it is.
    static func senseless(_ reason: String) -> LetheError {
        LetheError(
            code: .invalidArgument, message: "This cannot be judged: \(reason).",
            remedy: "Correct the policy or the request and judge again.")
    }
}
