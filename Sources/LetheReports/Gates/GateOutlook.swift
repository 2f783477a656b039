public import LetheRecords

/// Whether a gate can hold at all with the test samples there are; asked before anything is done.
public struct GateOutlook: Sendable, Equatable {
    /// The gate's name.
    public let gate: String
    /// A request's id, or `retained`.
    public let subject: String
    /// What is counted: `test samples`, or `samples to forget`.
    public let counted: String
    /// How many there are.
    public let has: Int
    /// The fewest with which the gate can hold; nil if no number up to a million is enough.
    public let needs: Int?
    /// The figure that the gate would see in the best case, or at the accuracy that `assumes` names.
    public let best: Double
    /// The gate's limit.
    public let limit: Double
    /// What the figure supposes.
    public let assumes: String

    /// Whether it can hold with what there is.
    public var canHold: Bool { needs.map { $0 <= has } ?? false }
}

/// What the next certificate of a line would have to go by.
public struct OutlookInput: Sendable {
    /// Every request that it would cover, oldest first.
    public var requests: [ForgetRequest]
    /// Test samples of each class of the head, by label.
    public var testCounts: [Int]
    /// For requests that name samples: how many of each label, where that is known.
    public var named: [String: [Int: Int]]
    /// The bar.
    public var policy: Policy
    /// t of the error budget, from 1.
    public var sequenceNumber: Int

    /// Puts it together.
    public init(
        requests: [ForgetRequest], testCounts: [Int], named: [String: [Int: Int]] = [:],
        policy: Policy, sequenceNumber: Int
    ) {
        self.requests = requests
        self.testCounts = testCounts
        self.named = named
        self.policy = policy
        self.sequenceNumber = sequenceNumber
    }
}

extension GateOutlook {
    /// Accuracy that forgotten and unseen samples are supposed to have alike; a supposition of ours.
    static let supposedAccuracy = 0.9
    private static let mostSamples = 1_000_000

    /// The outlook of every gate that a number of samples can make impossible.
    ///
    /// A gate that can hold need not: this says what the numbers forbid, not what the model does.
    public static func outlooks(_ input: OutlookInput) -> [GateOutlook] {
        let errorProbability = BinomialStatistics.errorProbability(
            budget: input.policy.errorBudget, sequenceNumber: input.sequenceNumber,
            boundCount: input.requests.count + 1)
        let perRequest = input.requests.flatMap { request in
            request.samples == nil
                ? classOutlooks(request, input, errorProbability)
                : sampleOutlooks(request, input, errorProbability)
        }
        let gone = Set(input.requests.flatMap(\.classes))
        let retained = input.testCounts.enumerated()
            .filter { !gone.contains($0.offset) }.map(\.element)
        let limit = input.policy.retainedDropUpperBoundMaximum
        let drop = { (count: Int) in
            BinomialStatistics.pairedDropUpperBound(
                lost: 0, gained: 0, trials: count, errorProbability: errorProbability)
        }
        let total = retained.reduce(0, +)
        return perRequest + [
            GateOutlook(
                gate: "retained-drop-upper-bound", subject: "retained", counted: "test samples",
                has: total, needs: fewest { drop($0) <= limit }, best: drop(total), limit: limit,
                assumes: "no sample lost"),
            GateOutlook(
                gate: "retained-class-samples", subject: "retained",
                counted: "test samples of the class with the fewest", has: retained.min() ?? 0,
                needs: 1, best: Double(retained.min() ?? 0), limit: 1, assumes: "a count"),
        ]
    }

    private static func classOutlooks(
        _ request: ForgetRequest, _ input: OutlookInput, _ errorProbability: Double
    ) -> [GateOutlook] {
        let counts = request.classes.map { label in
            input.testCounts.indices.contains(label) ? input.testCounts[label] : 0
        }
        let total = counts.reduce(0, +)
        let limit =
            BinomialStatistics.chance(classCount: input.testCounts.count)
            + input.policy.forgottenMarginAboveChance
        let bound = { (count: Int) in
            BinomialStatistics.upperBound(
                successes: 0, trials: count, errorProbability: errorProbability)
        }
        return [
            GateOutlook(
                gate: "forgotten-upper-bound", subject: request.id, counted: "test samples",
                has: total, needs: fewest { bound($0) <= limit }, best: bound(total), limit: limit,
                assumes: "none recognised"),
            GateOutlook(
                gate: "forgotten-samples", subject: request.id, counted: "test samples",
                has: total, needs: input.policy.forgottenSampleMinimum, best: Double(total),
                limit: Double(input.policy.forgottenSampleMinimum), assumes: "a count"),
            GateOutlook(
                gate: "forgotten-class-samples", subject: request.id,
                counted: "test samples of the class with the fewest", has: counts.min() ?? 0,
                needs: 1, best: Double(counts.min() ?? 0), limit: 1, assumes: "a count"),
        ]
    }

    private static func sampleOutlooks(
        _ request: ForgetRequest, _ input: OutlookInput, _ errorProbability: Double
    ) -> [GateOutlook] {
        let limit = input.policy.sampleExcessUpperBoundMaximum ?? 0
        let labels = input.named[request.id] ?? [:]
        let total = labels.values.reduce(0, +)
        // Where the labels are not known, as those of all classes alike.
        let weights =
            total > 0
            ? labels.mapValues { Double($0) / Double(total) }
            : Dictionary(
                uniqueKeysWithValues: input.testCounts.indices.map {
                    ($0, 1 / Double(max(1, input.testCounts.count)))
                })
        let strata = weights.sorted { $0.key < $1.key }.map { label, weight in
            let count = input.testCounts.indices.contains(label) ? input.testCounts[label] : 0
            return Stratum(
                weight: weight, successes: Int((supposedAccuracy * Double(count)).rounded()),
                trials: count)
        }
        let lower = BinomialStatistics.weightedLowerBound(
            of: strata, errorProbability: errorProbability / 2)
        let bound = { (count: Int) in
            BinomialStatistics.upperBound(
                successes: Int((supposedAccuracy * Double(count)).rounded(.up)), trials: count,
                errorProbability: errorProbability / 2) - lower
        }
        return [
            GateOutlook(
                gate: "sample-excess-upper-bound", subject: request.id,
                counted: "samples to forget", has: request.sampleCount,
                needs: fewest { bound($0) <= limit }, best: bound(request.sampleCount),
                limit: limit,
                assumes: lower + limit >= 1
                    ? "anything: this bound cannot fail, only sample-excess decides"
                    : "90 % recognised, of the forgotten as of the unseen ones")
        ]
    }

    /// The smallest number from which on something holds, for what holds the better the more there
    /// are; nil if a million is not enough.
    private static func fewest(_ holds: (Int) -> Bool) -> Int? {
        guard holds(mostSamples) else { return nil }
        var (no, yes) = (0, mostSamples)
        while yes - no > 1 {
            let middle = (no + yes) / 2
            if holds(middle) { yes = middle } else { no = middle }
        }
        return yes
    }
}
