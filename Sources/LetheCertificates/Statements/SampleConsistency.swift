internal import LetheRecords

/// Whether the figures of requests that name samples follow from their own counts.
///
/// Bounds are not computed again here, that takes the judge's statistics; but a bound below what it
/// bounds, and a gate that says another number than its figure, are found without them.
enum SampleConsistency {
    private static let tolerance = 1e-9

    /// What speaks against a report, in a clause for a person; nil if nothing does.
    static func contradiction(in report: JudgeReport) -> String? {
        for figure in report.forgotten {
            guard let samples = figure.samples else { continue }
            if !countsFit(figure, samples, report.classes) {
                return "the counts of samples of \(figure.request) contradict each other"
            }
            let tested = mean(samples, report.classes) { $0.correctCount }
            if !isNear(samples.testAccuracy, tested)
                || !isNear(samples.excess, figure.accuracy - tested)
                || samples.excessUpperBound < samples.excess - tolerance
            {
                return "the excess on the samples of \(figure.request) is not what its counts say"
            }
            let gates = [
                "sample-excess": samples.excess,
                "sample-excess-upper-bound": samples.excessUpperBound,
            ]
            for (name, value) in gates.sorted(by: { $0.key < $1.key }) {
                let gate = report.gates.first { $0.gate == name && $0.subject == figure.request }
                guard let gate, isNear(gate.value, value) else {
                    return "the gate \(name) was not applied to \(figure.request)"
                }
            }
        }
        return nil
    }

    private static func countsFit(
        _ figure: ForgottenFigure, _ samples: SampleFigure, _ classes: [ClassFigure]
    ) -> Bool {
        let isCounted = samples.classes.allSatisfy { count in
            classes.indices.contains(count.label) && count.sampleCount > 0
                && (0...count.sampleCount).contains(count.correctCount)
        }
        guard isCounted, figure.sampleCount > 0 else { return false }
        return sum(samples) { $0.sampleCount } == Double(figure.sampleCount)
            && sum(samples) { $0.correctCount } == Double(figure.correctCount)
            && isNear(figure.accuracy, Double(figure.correctCount) / Double(figure.sampleCount))
    }

    private static func sum(_ samples: SampleFigure, _ count: (SampleClassCount) -> Int) -> Double {
        samples.classes.reduce(0) { $0 + Double(count($1)) }
    }

    /// The accuracy on test samples, each class weighted by its share of the named samples.
    private static func mean(
        _ samples: SampleFigure, _ classes: [ClassFigure], _ correct: (ClassFigure) -> Int
    ) -> Double {
        let total = sum(samples) { $0.sampleCount }
        return samples.classes.reduce(0) { mean, count in
            let tested = classes[count.label]
            guard tested.sampleCount > 0 else { return mean }
            return mean + Double(count.sampleCount) / total * Double(correct(tested))
                / Double(tested.sampleCount)
        }
    }

    private static func isNear(_ one: Double, _ other: Double) -> Bool {
        abs(one - other) <= tolerance
    }
}
