public import Foundation

/// The first version of a line, for the judge to answer a test split with.
public struct YardstickTask: Sendable {
    /// A folder with its files, read back from the store.
    public var folder: URL
    /// SHA-256 of its weights, as the store verified them.
    public var weights: Digest
    /// Where the test data is.
    public var dataset: DatasetLocation
    /// The record of that data.
    public var datasetReference: DatasetReference
    /// The split to measure on.
    public var split: String
    /// Device and threads.
    public var place: RunPlace

    /// Puts a task together.
    public init(
        folder: URL, weights: Digest, dataset: DatasetLocation,
        datasetReference: DatasetReference, split: String, place: RunPlace
    ) {
        self.folder = folder
        self.weights = weights
        self.dataset = dataset
        self.datasetReference = datasetReference
        self.split = split
        self.place = place
    }
}

/// What a line's first version answered.
public struct YardstickAnswers: Sendable {
    /// Whether each sample of the split was answered rightly, in the split's order.
    public var answers: [Bool]
    /// Where it was measured.
    public var environment: RunEnvironment

    /// Puts answers together.
    public init(answers: [Bool], environment: RunEnvironment) {
        self.answers = answers
        self.environment = environment
    }
}

/// The port through which the registry has a line's first version measured for the time when its
/// weights are erased.
public protocol YardstickJudge: Sendable {
    /// Answers every sample of the split once.
    func answers(
        _ task: YardstickTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> YardstickAnswers
}
