import LetheRecords

/// How much of the rest still works, sample by sample against the line's first version: `Acc_r`.
///
/// The comparison is with the first version and not with the parent, so that many small losses
/// cannot add up unseen.
enum RetainedAccuracy {
    /// The figure over all retained classes together and the one that fell most.
    ///
    /// Without a single retained sample the accuracy is 0 and the drop is 1, the worst values.
    ///
    /// - Parameters:
    ///   - errorProbability: Of the one bound in this figure.
    ///   - worstClassSampleMinimum: Classes with fewer samples are never the worst class.
    static func figure(
        counts: ClassCounts, errorProbability: Double, worstClassSampleMinimum: Int
    ) -> RetainedFigure {
        let sampleCount = counts.retained.reduce(0) { $0 + $1.sampleCount }
        let correctCount = counts.retained.reduce(0) { $0 + $1.correctCount }
        let originalCorrectCount = counts.retained.reduce(0) { $0 + $1.originalCorrectCount }
        let worst = worstClass(of: counts.retained, sampleMinimum: worstClassSampleMinimum)
        return RetainedFigure(
            sampleCount: sampleCount, correctCount: correctCount,
            originalCorrectCount: originalCorrectCount, lostCount: counts.lostCount,
            gainedCount: counts.gainedCount,
            accuracy: fraction(correctCount, of: sampleCount, ifNone: 0),
            originalAccuracy: fraction(originalCorrectCount, of: sampleCount, ifNone: 0),
            drop: fraction(counts.lostCount - counts.gainedCount, of: sampleCount, ifNone: 1),
            dropUpperBound: BinomialStatistics.pairedDropUpperBound(
                lost: counts.lostCount, gained: counts.gainedCount, trials: sampleCount,
                errorProbability: errorProbability),
            worstClass: worst?.label, worstClassDrop: worst.map(drop) ?? 1)
    }

    /// The class that fell most; of equals the one with the lowest label.
    private static func worstClass(
        of classes: [ClassFigure], sampleMinimum: Int
    ) -> ClassFigure? {
        let measured = classes.filter { $0.sampleCount >= max(sampleMinimum, 1) }
        return measured.reduce(nil) { worst, candidate in
            guard let worst, drop(worst) >= drop(candidate) else { return candidate }
            return worst
        }
    }

    private static func drop(_ figure: ClassFigure) -> Double {
        fraction(
            figure.originalCorrectCount - figure.correctCount, of: figure.sampleCount, ifNone: 1)
    }
}
