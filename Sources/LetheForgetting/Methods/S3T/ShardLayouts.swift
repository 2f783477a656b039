public import LetheRecords
import LetheVision

/// Deals a training split out to shards and slices, and commits to every sample.
struct ShardLayouting {
    let task: ShardPlanTask
    let progress: ProgressHandler
    let cancellation: CancellationFlag

    /// Runs on the calling thread.
    func layout() throws(LetheError) -> ShardLayout {
        let parameters = try S3TParameters(task.recipe).plan
        let dataset = try task.dataset.open()
        let samples = try committed(
            dataset.trainingSamples().filter { !task.excludedClasses.contains($0.label) },
            of: dataset)
        let name = SelectionSplit.splitName
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
        let commitments = try SampleCommitting(
            dataset: dataset, key: task.key, progress: progress, cancellation: cancellation,
            phase: "reading images"
        ).commitments(of: samples)
        return zip(samples, commitments).map { sample, commitment in
            PlannedSample(index: sample.index, label: sample.label, commitment: commitment)
        }
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
