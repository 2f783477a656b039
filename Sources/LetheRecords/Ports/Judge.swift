public import Foundation

/// One version for the judge.
public struct JudgeTask: Sendable {
    /// A folder with the files as shipped, read back from the store.
    public var modelFolder: URL
    /// A folder with the files of the line's first version; not read where there is a `yardstick`.
    public var originalFolder: URL
    /// Whether the first version answered each sample of the split rightly, where its weights are
    /// erased and a verifier signed that before; nil to measure it.
    public var yardstick: [Bool]?
    /// SHA-256 of the judged weights, as the store verified them.
    public var weights: Digest
    /// SHA-256 of the first version's weights.
    public var original: Digest
    /// Where the test data is.
    public var dataset: DatasetLocation
    /// The record of that data.
    public var datasetReference: DatasetReference
    /// The split to measure on.
    public var split: String
    /// Every request the line has honoured, oldest first.
    public var requests: [ForgetRequest]
    /// The bar.
    public var policy: Policy
    /// How many judgements the line has had, plus one.
    public var sequenceNumber: Int
    /// Device and threads.
    public var place: RunPlace
    /// The lists of the requests that name samples, by the request's id.
    public var sampleLists: [String: SampleList]
    /// The key that those lists are made with; nil where there are none.
    public var commitmentKey: CommitmentKey?
    /// A folder with a model that never saw the forgotten classes; nil if there is none.
    public var referenceFolder: URL?

    /// Puts a task together.
    public init(
        modelFolder: URL, originalFolder: URL, weights: Digest, original: Digest,
        dataset: DatasetLocation, datasetReference: DatasetReference, split: String,
        requests: [ForgetRequest], policy: Policy, sequenceNumber: Int, place: RunPlace,
        sampleLists: [String: SampleList] = [:], commitmentKey: CommitmentKey? = nil,
        referenceFolder: URL? = nil, yardstick: [Bool]? = nil
    ) {
        self.yardstick = yardstick
        self.modelFolder = modelFolder
        self.originalFolder = originalFolder
        self.weights = weights
        self.original = original
        self.dataset = dataset
        self.datasetReference = datasetReference
        self.split = split
        self.requests = requests
        self.policy = policy
        self.sequenceNumber = sequenceNumber
        self.place = place
        self.sampleLists = sampleLists
        self.commitmentKey = commitmentKey
        self.referenceFolder = referenceFolder
    }
}

/// The port through which the registry has a version judged.
///
/// Implemented by LetheVerification over LibTorch, and by a small one in the tests.
public protocol Judge: Sendable {
    /// Measures the shipped file and applies the policy; a failed gate is a result, not an error.
    func judge(
        _ task: JudgeTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> JudgeReport
}
