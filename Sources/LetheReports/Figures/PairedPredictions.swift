public import LetheRecords

/// Ordinary top-1 answers of the line's first version and of the judged one for the same samples.
///
/// No margin, no class left out, no sample left out.
public struct PairedPredictions: Sendable, Equatable {
    /// The class of each sample.
    public let labels: [Int]
    /// The answer of the judged model for each sample.
    public let predictions: [Int]
    /// The answer of the line's first version for each sample.
    public let originalPredictions: [Int]
    /// How many classes there are; labels and answers are below it.
    public let classCount: Int

    /// Pairs the answers up.
    ///
    /// - Throws: `invalidArgument` if the three lists differ in length, `labelMismatch` for a label
    ///   or an answer that is not below the number of classes.
    public init(
        labels: [Int], predictions: [Int], originalPredictions: [Int], classCount: Int
    ) throws(LetheError) {
        guard labels.count == predictions.count, labels.count == originalPredictions.count else {
            throw LetheError(
                code: .invalidArgument,
                message: "There are \(labels.count) labels, \(predictions.count) answers and "
                    + "\(originalPredictions.count) answers of the first version; a paired "
                    + "comparison needs one of each for every sample.")
        }
        for list in [labels, predictions, originalPredictions] {
            guard let outside = list.first(where: { !(0..<classCount).contains($0) }) else {
                continue
            }
            throw LetheError(
                code: .labelMismatch,
                message: "Class \(outside) is outside the \(classCount) classes of the head.",
                remedy: "Use the dataset that the model was trained for.")
        }
        self.labels = labels
        self.predictions = predictions
        self.originalPredictions = originalPredictions
        self.classCount = classCount
    }
}
