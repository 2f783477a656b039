public import LetheRecords
internal import LetheStorage

/// What to judge a version by.
public struct JudgeOrder: Sendable {
    /// The version; without an `@`, the newest.
    public var revision: Revision
    /// The test data; nil for the newest request's.
    public var dataset: String?
    /// The split to measure on.
    public var split: String
    /// The bar.
    public var policy: Policy
    /// Device and threads.
    public var place: RunPlace

    /// Puts an order together.
    public init(
        revision: Revision, dataset: String?, split: String = "test", policy: Policy,
        place: RunPlace
    ) {
        self.revision = revision
        self.dataset = dataset
        self.split = split
        self.policy = policy
        self.place = place
    }
}

extension Registry {
    /// Has a version judged as it would be shipped: its files read back from the store.
    ///
    /// - Returns: the report; a gate that does not hold is a result, not an error.
    /// - Throws: `invalidArgument` if no dataset is named and none follows from a request.
    public func verify(
        _ order: JudgeOrder, judge: any Judge, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> (version: Version, report: JudgeReport) {
        let version = try resolve(order.revision)
        let requests = try requests(of: version)
        guard let name = order.dataset ?? requests.last?.dataset.name else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(version.name) has no request that would say which data to judge it by.",
                remedy: "Name a dataset with --dataset.")
        }
        let dataset = try dataset(named: name)
        let first = try firstVersion(of: version.manifest.model)
        let work = try workFolder()
        let judged = try work.folder("judged")
        let original = try work.folder("original")
        try materialise(version, into: judged, progress: progress)
        let yardstick = try yardstick(for: first, dataset: dataset.reference, split: order.split)
        if yardstick == nil { try materialise(first, into: original, progress: progress) }
        let task = JudgeTask(
            modelFolder: judged, originalFolder: original, weights: try version.weights().digest,
            original: try first.weights().digest, dataset: try location(of: name),
            datasetReference: dataset.reference, split: order.split, requests: requests,
            policy: order.policy, sequenceNumber: try certificates(of: version).count + 1,
            place: order.place, yardstick: yardstick)
        return (version, try await judge.judge(task, progress: progress))
    }
}
