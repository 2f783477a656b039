public import LetheRecords

/// Tells whether a report can be what the judge wrote, without a model or an image.
///
/// From the counts in the report, the requests that the lineage shows and the policy, every other
/// figure and every gate is computed again. So an edited bound, a gate that was turned, a request
/// that was left out or a policy that was swapped is found. Counts that were invented
/// consistently are not: only judging again finds those.
public enum ReportCheck {
    /// Bounds may differ in their last digits between two mathematical libraries, not by this.
    private static let tolerance = 1e-9
    /// No test split is larger; keeps the sums of a hostile report from overflowing.
    private static let largestCount = 1 << 40

    /// Compares a report with what follows from its own counts.
    ///
    /// - Parameters:
    ///   - requests: Every request that the line has honoured, oldest first, from the lineage.
    ///   - policy: The policy that the registry demands.
    ///   - sequenceNumber: How many judgements the line has, this one included.
    /// - Throws: `integrity` naming the first places that differ, or what `ReportBuilder` throws.
    public static func require(
        _ report: JudgeReport, requests: [ForgetRequest], policy: Policy, sequenceNumber: Int
    ) throws(LetheError) {
        let builder = ReportBuilder(
            weights: report.weights, original: report.original, dataset: report.dataset,
            split: report.split, requests: requests, policy: policy,
            sequenceNumber: sequenceNumber, reference: report.reference)
        try requirePossible(report)
        try requireOwners(of: report.classes, requests: requests)
        let counts = ClassCounts(
            classes: report.classes, lostCount: report.retained.lostCount,
            gainedCount: report.retained.gainedCount)
        try ProbeCheck.requirePossible(report, requests: requests, policy: policy)
        let expected = try builder.report(
            counts, samples: sampleCounts(of: report),
            probes: report.probes.map { $0.map(ProbeCheck.counted) },
            environment: report.environment)
        let differences = try places(
            StrictJSON.parse(report.canonicalBytes()), StrictJSON.parse(expected.canonicalBytes()),
            at: "report")
        guard differences.isEmpty else {
            throw LetheError(
                code: .integrity,
                message: "The report does not follow from its own counts, the line's requests and "
                    + "the policy: \(differences.prefix(4).joined(separator: ", ")).",
                remedy: "Do not trust it; judge the version again.")
        }
    }

    private static func sampleCounts(of report: JudgeReport) -> [String: [SampleClassCount]] {
        let pairs = report.forgotten.compactMap { figure in
            figure.samples.map { (figure.request, $0.classes) }
        }
        return Dictionary(pairs) { first, _ in first }
    }

    /// Whether counts of named samples are possible: labels of the head, ascending, each once.
    private static func samplesFit(_ report: JudgeReport) -> Bool {
        report.forgotten.compactMap(\.samples).allSatisfy { figure in
            let labels = figure.classes.map(\.label)
            return zip(labels, labels.dropFirst()).allSatisfy { $0 < $1 }
                && labels.allSatisfy(report.classes.indices.contains)
                && figure.classes.allSatisfy { count in
                    (1...largestCount).contains(count.sampleCount)
                        && (0...count.sampleCount).contains(count.correctCount)
                        && (0...count.sampleCount).contains(count.originalCorrectCount)
                }
        }
    }

    /// Refuses a table that is not one row for each label, marked as the line's requests say.
    private static func requireOwners(
        of classes: [ClassFigure], requests: [ForgetRequest]
    ) throws(LetheError) {
        let owners = try ClassCounts.owners(of: requests, classCount: classes.count)
        for (label, figure) in classes.enumerated()
        where figure.label != label || figure.request != owners[label] {
            throw LetheError(
                code: .integrity,
                message: "The report says of class \(figure.label) that "
                    + "\(figure.request.map { "the request \($0) names it" } ?? "it is retained"); "
                    + "the line's requests say otherwise of class \(label).",
                remedy: "Do not trust it; judge the version again.")
        }
    }

    /// Refuses counts that no two models can have produced together.
    private static func requirePossible(_ report: JudgeReport) throws(LetheError) {
        let fits = report.classes.allSatisfy { figure in
            (0...largestCount).contains(figure.sampleCount)
                && (0...figure.sampleCount).contains(figure.correctCount)
                && (0...figure.sampleCount).contains(figure.originalCorrectCount)
        }
        guard fits, pairsFit(report), samplesFit(report) else {
            throw LetheError(
                code: .integrity, message: "The counts of the report contradict each other.",
                remedy: "Do not trust it; judge the version again.")
        }
    }

    /// Whether the samples lost and gained explain how the number of right answers changed.
    private static func pairsFit(_ report: JudgeReport) -> Bool {
        let retained = report.classes.filter { $0.request == nil }
        let samples = retained.reduce(0) { $0 + $1.sampleCount }
        let correct = retained.reduce(0) { $0 + $1.correctCount }
        let original = retained.reduce(0) { $0 + $1.originalCorrectCount }
        let (lost, gained) = (report.retained.lostCount, report.retained.gainedCount)
        return (0...original).contains(lost) && (0...samples - original).contains(gained)
            && original - lost + gained == correct
    }

    /// The paths at which two documents differ.
    private static func places(
        _ left: JSONValue, _ right: JSONValue, at path: String
    ) -> [String] {
        switch (left, right) {
        case (.number(let one), .number(let other)):
            return abs(one - other) <= tolerance ? [] : [path]
        case (.array(let one), .array(let other)) where one.count == other.count:
            return zip(one, other).enumerated().flatMap { index, pair in
                places(pair.0, pair.1, at: "\(path)[\(index)]")
            }
        case (.object(let one), .object(let other)):
            return Set(one.keys).union(other.keys).sorted().flatMap { name in
                places(one[name] ?? .null, other[name] ?? .null, at: "\(path).\(name)")
            }
        default: return left == right ? [] : [path]
        }
    }
}
