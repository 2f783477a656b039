public import LetheRecords
import LetheTensor

/// How often one class was recognised.
public struct ClassResult: Sendable, Hashable {
    /// The class.
    public let label: Int
    /// Images of the class that the model gave its highest score for that class.
    public let correct: Int
    /// Images of the class.
    public let total: Int

    /// The share that was recognised; nil for a class without images.
    public var accuracy: Double? { total == 0 ? nil : Double(correct) / Double(total) }

    /// A count for one class.
    public init(label: Int, correct: Int, total: Int) {
        self.label = label
        self.correct = correct
        self.total = total
    }
}

/// What a model says about labelled images.
public struct EvaluationResult: Sendable, Hashable {
    /// The class with the highest score, for each sample in the order given.
    public let predictions: [Int]
    /// The true class, for each sample in the order given.
    public let labels: [Int]
    /// One result for each of the model's classes.
    public let classes: [ClassResult]

    /// Counts predictions against labels.
    ///
    /// - Parameter classCount: how many classes the model has; labels are below it.
    public init(predictions: [Int], labels: [Int], classCount: Int) {
        self.predictions = predictions
        self.labels = labels
        var correct = [Int](repeating: 0, count: classCount)
        var total = correct
        for (prediction, label) in zip(predictions, labels) {
            total[label] += 1
            if prediction == label { correct[label] += 1 }
        }
        classes = (0..<classCount).map {
            ClassResult(label: $0, correct: correct[$0], total: total[$0])
        }
    }

    /// How many predictions are right.
    public var correctCount: Int { classes.reduce(0) { $0 + $1.correct } }
    /// The share of predictions that are right; 0 without samples.
    public var accuracy: Double {
        labels.isEmpty ? 0 : Double(correctCount) / Double(labels.count)
    }
}

/// Classifies samples without recording gradients; the class with the highest score counts.
///
/// - Parameters:
///   - model: computes on its own device.
///   - dataset: where the samples are.
///   - samples: which samples.
///   - preprocessor: the model's own.
///   - batchSize: images a step.
///   - cache: keeps prepared images for the next evaluation, if given.
///   - progress: called after each batch with the samples done and all of them; may throw to stop.
/// - Throws: `labelMismatch` before anything is computed, `malformed` naming the images that do not
///   decode, and what `progress` throws.
public func evaluate(
    _ model: any ImageClassifier, dataset: ImageDataset, samples: [Sample],
    preprocessor: ImagePreprocessor, batchSize: Int = 32, cache: ImageCache? = nil,
    progress: (_ done: Int, _ total: Int) throws(LetheError) -> Void = { _, _ in }
) throws(LetheError) -> EvaluationResult {
    let classCount = model.classCount
    if let sample = samples.first(where: { $0.label >= classCount }) {
        throw LetheError(
            code: .labelMismatch,
            message: "\(dataset.description(of: sample)) has the label \(sample.label), but the "
                + "model has \(classCount) classes (0 to \(classCount - 1)).",
            remedy: "Use the dataset that the model was trained for.")
    }
    let loader = BatchLoader(
        dataset: dataset, samples: samples, preprocessor: preprocessor, batchSize: batchSize,
        device: model.device, cache: cache)
    var predictions: [Int] = []
    predictions.reserveCapacity(samples.count)
    while let batch = try loader.next() {
        predictions += try predictedClasses(model, batch)
        try progress(predictions.count, samples.count)
    }
    return EvaluationResult(
        predictions: predictions, labels: samples.map(\.label), classCount: classCount)
}

private func predictedClasses(
    _ model: any ImageClassifier, _ batch: Batch
) throws(LetheError) -> [Int] {
    try withoutGradient { () throws(LetheError) in
        let logits = try model.logits(batch.images)
        guard try logits.isFinite() else {
            throw LetheError(
                code: .numerical, message: "The model gives scores that are not numbers.",
                remedy: "Check the weights and the preprocessing.")
        }
        return try logits.argumentMaximum(dimension: 1).integers().map { Int($0) }
    }
}
