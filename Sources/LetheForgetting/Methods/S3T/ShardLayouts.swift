public import LetheRecords
import LetheVision

/// Deals a training split out to shards and slices, and commits to every sample.
struct ShardLayouting {
    private static let chunkSize = 256

    let task: ShardPlanTask
    let progress: ProgressHandler
    let cancellation: CancellationFlag

    /// Runs on the calling thread.
    func layout() throws(LetheError) -> ShardLayout {
        let parameters = try S3TParameters(task.recipe).plan
        let dataset = try task.dataset.open()
        let name = SelectionSplit.splitName
        guard let all = dataset.splits[name] else {
            throw LetheError(
                code: .notFound, message: "The dataset has no split named \"\(name)\".",
                remedy: "Arrange the images so that the training samples form that split.")
        }
        let samples = try committed(
            all.filter { !task.excludedClasses.contains($0.label) }, of: dataset)
        let plan = try plan(parameters, samples, split: name)
        let byIndex = Dictionary(samples.map { ($0.index, $0) }) { first, _ in first }
        return ShardLayout(
            split: name,
            slices: plan.shards.map { shard in
                shard.slices.map { slice in slice.compactMap { byIndex[$0.index] } }
            },
            sequences: plan.shards.map(\.sequences), sequenceMinimum: parameters.sequenceMinimum)
    }

    /// The plan over positions; what it calls its dataset does not matter here.
    private func plan(
        _ parameters: S3TPlanParameters, _ samples: [PlannedSample], split: String
    ) throws(LetheError) -> ShardPlan {
        let positions = samples.map { SamplePosition(split: split, index: $0.index) }
        let dealt = try ShardPlan(
            dataset: Digest(hashing: []), samples: positions, shardCount: parameters.shardCount,
            sliceCount: parameters.sliceCount, budget: parameters.sequenceCount,
            choice: parameters.choice, secretSeed: task.secretSeed)
        guard parameters.grouping == .label else { return dealt }
        let labels = Dictionary(samples.map { ($0.index, $0.label) }) { first, _ in first }
        let grouped = dealt.shards.map { shard in
            let members = shard.slices.joined().sorted {
                (labels[$0.index] ?? 0, $0.index) < (labels[$1.index] ?? 0, $1.index)
            }
            return (0..<parameters.sliceCount).map { slice in
                let start = members.count * slice / parameters.sliceCount
                let end = members.count * (slice + 1) / parameters.sliceCount
                return Array(members[start..<end])
            }
        }
        return try ShardPlan(
            dataset: Digest(hashing: []), slices: grouped, budget: parameters.sequenceCount,
            choice: parameters.choice, secretSeed: task.secretSeed)
    }

    private func committed(
        _ samples: [Sample], of dataset: ImageDataset
    ) throws(LetheError) -> [PlannedSample] {
        let key = task.key
        var planned: [PlannedSample] = []
        for start in stride(from: 0, to: samples.count, by: Self.chunkSize) {
            try cancellation.throwIfSet()
            let chunk = Array(samples[start..<min(start + Self.chunkSize, samples.count)])
            let found = parallelMap(chunk) { sample in
                Result { () throws(LetheError) in
                    key.commitment(toSample: try dataset.bytes(of: sample))
                }
            }
            for (sample, result) in zip(chunk, found) {
                planned.append(
                    PlannedSample(
                        index: sample.index, label: sample.label, commitment: try result.get()))
            }
            progress(
                Progress(phase: "reading images", done: planned.count, total: samples.count))
        }
        return planned
    }
}

extension ForgettingEngine: ShardEngine {
    /// Deals the training split out, and commits to every sample of it.
    ///
    /// - Throws: `invalidArgument` for a recipe that does not fit the data, `notFound`, `malformed`,
    ///   `interrupted` when cancelled.
    public func planShards(
        _ task: ShardPlanTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ShardLayout {
        try await perform { cancellation throws(LetheError) in
            try ShardLayouting(task: task, progress: progress, cancellation: cancellation).layout()
        }
    }

    /// Trains one stage and writes its file, which is never written over.
    ///
    /// - Throws: `alreadyExists`, `notFound`, `integrity`, `unsupported` for a model without separate
    ///   query and value projections, `interrupted` when cancelled (the checkpoint is kept),
    ///   `labelMismatch`, `numerical`, `device`.
    public func trainStage(
        _ task: StageTrainingTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> StageOutcome {
        let logger = logger
        return try await perform { cancellation throws(LetheError) in
            try StageRun(
                task: task, progress: progress, cancellation: cancellation, logger: logger
            ).run()
        }
    }
}
