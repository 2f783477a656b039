public import Foundation
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
    /// What tells the samples of requests from others; needed only where requests name samples.
    public var commitmentKey: CommitmentKey?
    /// A model that never saw the forgotten classes, for the probes; nil for none.
    public var reference: ReferenceModel?

    /// Puts an order together.
    public init(
        revision: Revision, dataset: String?, split: String = "test", policy: Policy,
        place: RunPlace, commitmentKey: CommitmentKey? = nil, reference: ReferenceModel? = nil
    ) {
        self.revision = revision
        self.dataset = dataset
        self.split = split
        self.policy = policy
        self.place = place
        self.commitmentKey = commitmentKey
        self.reference = reference
    }
}

/// Where a model is that never saw the forgotten classes.
public enum ReferenceModel: Sendable, Equatable {
    /// In a folder, outside the registry.
    case folder(URL)
    /// In the registry.
    case version(Revision)
}

extension Registry {
    /// Has a version judged as it would be shipped: its files read back from the store.
    ///
    /// Nothing is written, so that this look at the test data is not counted; `certify` counts.
    ///
    /// - Returns: the report; a gate that does not hold is a result, not an error.
    /// - Throws: `invalidArgument` if no dataset is named and none follows from a request.
    public func verify(
        _ order: JudgeOrder, judge: any Judge, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> (version: Version, report: JudgeReport) {
        let version = try resolve(order.revision)
        let report = try await report(
            on: version, by: order, dataset: testData(of: version, order),
            number: nextJudgement(of: version), judge: judge, progress: progress)
        return (version, report)
    }

    /// The data that a version is judged by.
    func testData(
        of version: Version, _ order: JudgeOrder
    ) throws(LetheError) -> RegisteredDataset {
        let newest = try requests(of: version).last
        guard let name = order.dataset ?? newest?.dataset.name else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(version.name) has no request that would say which data to judge it by.",
                remedy: "Name a dataset with --dataset.")
        }
        return try dataset(named: name)
    }

    /// Has a version judged.
    ///
    /// - Parameter number: t of the error budget.
    func report(
        on version: Version, by order: JudgeOrder, dataset: RegisteredDataset, number: Int,
        judge: any Judge, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> JudgeReport {
        let requests = try requests(of: version)
        let lists = try sampleLists(of: version, requests: requests)
        guard lists.isEmpty || order.commitmentKey != nil else {
            throw LetheError(
                code: .invalidArgument,
                message: "\(version.name) has forgotten samples, which only the commitment key "
                    + "tells from others.",
                remedy: "Name the folder of the keys with --keys.")
        }
        let first = try firstVersion(of: version.manifest.model)
        let work = try workFolder()
        let judged = try work.folder("judged")
        let original = try work.folder("original")
        try materialise(version, into: judged, progress: progress)
        let yardstick = try yardstick(for: first, dataset: dataset.reference, split: order.split)
        if yardstick == nil { try materialise(first, into: original, progress: progress) }
        let task = JudgeTask(
            modelFolder: judged, originalFolder: original, weights: try version.judged().digest,
            original: try first.judged().digest,
            dataset: try location(of: dataset.record.name),
            datasetReference: dataset.reference, split: order.split,
            requests: version.measurable(requests), policy: order.policy, sequenceNumber: number,
            place: order.place, sampleLists: lists, commitmentKey: order.commitmentKey,
            referenceFolder: try reference(order, work, progress), yardstick: yardstick)
        return try await judge.judge(task, progress: progress)
    }

    private func reference(
        _ order: JudgeOrder, _ work: WorkFolder, _ progress: @escaping ProgressHandler
    ) throws(LetheError) -> URL? {
        switch order.reference {
        case nil: return nil
        case .folder(let url): return url
        case .version(let revision):
            let folder = try work.folder("reference")
            try materialise(resolve(revision), into: folder, progress: progress)
            return folder
        }
    }
}
