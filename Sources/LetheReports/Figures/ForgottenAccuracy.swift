import LetheRecords

/// How much of what one request had forgotten is still answered rightly: `Acc_f` for the newest
/// request of a line, `Acc_o` for each earlier one (methods section 7).
enum ForgottenAccuracy {
    /// The figure of one request.
    ///
    /// A request without a single test sample gets the worst accuracy, 1: what was not measured
    /// never passes.
    ///
    /// - Parameter errorProbability: Of the one bound in this figure.
    static func figure(
        for request: ForgetRequest, counts: ClassCounts, errorProbability: Double
    ) -> ForgottenFigure {
        let classes = request.classes.map { counts.classes[$0] }
        let sampleCount = classes.reduce(0) { $0 + $1.sampleCount }
        let correctCount = classes.reduce(0) { $0 + $1.correctCount }
        let originalCorrectCount = classes.reduce(0) { $0 + $1.originalCorrectCount }
        return ForgottenFigure(
            request: request.id, classes: request.classes, sampleCount: sampleCount,
            correctCount: correctCount,
            accuracy: fraction(correctCount, of: sampleCount, ifNone: 1),
            accuracyUpperBound: BinomialStatistics.upperBound(
                successes: correctCount, trials: sampleCount, errorProbability: errorProbability),
            originalAccuracy: fraction(originalCorrectCount, of: sampleCount, ifNone: 1),
            chance: BinomialStatistics.chance(classCount: counts.classes.count))
    }
}

/// A share, or the worst value where there is nothing to share.
func fraction(_ count: Int, of total: Int, ifNone worst: Double) -> Double {
    total > 0 ? Double(count) / Double(total) : worst
}
