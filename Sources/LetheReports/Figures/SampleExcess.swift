public import LetheRecords

/// How much better a model is on training samples that it should have forgotten than on test
/// samples of the same classes (methods section 7: UA against TA).
///
/// A class that stays is still recognised, in forgotten samples as in unseen ones; so chance is the
/// wrong bar. A model that never saw a sample names it rightly as often as a test sample of its
/// class. What is bounded is how much more often it does, and how much less often it provably does:
/// a sample that is named wrongly where others are named rightly stands out, too.
public enum SampleExcess {
    /// The figure of a request that names samples.
    ///
    /// The two bounds hold together at the error probability, of which each has half. Without a
    /// measured sample the accuracy is 1, the worst value; a class without a test sample counts as
    /// never recognised there.
    static func figure(
        for request: ForgetRequest, samples: [SampleClassCount], counts: ClassCounts,
        errorProbability: Double
    ) -> ForgottenFigure {
        let sampleCount = samples.reduce(0) { $0 + $1.sampleCount }
        let correctCount = samples.reduce(0) { $0 + $1.correctCount }
        let originalCorrectCount = samples.reduce(0) { $0 + $1.originalCorrectCount }
        let accuracy = fraction(correctCount, of: sampleCount, ifNone: 1)
        let originalAccuracy = fraction(originalCorrectCount, of: sampleCount, ifNone: 1)
        let upperBound = BinomialStatistics.upperBound(
            successes: correctCount, trials: sampleCount, errorProbability: errorProbability / 2)
        let test = strata(samples, counts, total: sampleCount) { $0.correctCount }
        let original = strata(samples, counts, total: sampleCount) { $0.originalCorrectCount }
        let testAccuracy = BinomialStatistics.weightedMean(of: test)
        let lowerBound = BinomialStatistics.weightedLowerBound(
            of: test, errorProbability: errorProbability / 2)
        return ForgottenFigure(
            request: request.id, classes: [], sampleCount: sampleCount,
            correctCount: correctCount, accuracy: accuracy, accuracyUpperBound: upperBound,
            originalAccuracy: originalAccuracy,
            chance: BinomialStatistics.chance(classCount: counts.classes.count),
            samples: SampleFigure(
                classes: samples, testAccuracy: testAccuracy, testAccuracyLowerBound: lowerBound,
                excess: accuracy - testAccuracy, excessUpperBound: upperBound - lowerBound,
                originalExcess: originalAccuracy - BinomialStatistics.weightedMean(of: original)))
    }

    private static func strata(
        _ samples: [SampleClassCount], _ counts: ClassCounts, total: Int,
        _ correct: (ClassFigure) -> Int
    ) -> [Stratum] {
        samples.map { sample in
            let tested = counts.classes[sample.label]
            return Stratum(
                weight: fraction(sample.sampleCount, of: total, ifNone: 0),
                successes: correct(tested), trials: tested.sampleCount)
        }
    }

    /// Counts answers for some samples by class.
    public static func count(
        labels: [Int], predictions: [Int], originalPredictions: [Int]
    ) -> [SampleClassCount] {
        var counts: [Int: SampleClassCount] = [:]
        for (index, label) in labels.enumerated() {
            var count =
                counts[label]
                ?? SampleClassCount(
                    label: label, sampleCount: 0, correctCount: 0, originalCorrectCount: 0)
            count.sampleCount += 1
            count.correctCount += predictions[index] == label ? 1 : 0
            count.originalCorrectCount += originalPredictions[index] == label ? 1 : 0
            counts[label] = count
        }
        return counts.values.sorted { $0.label < $1.label }
    }
}
