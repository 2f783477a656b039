internal import Foundation
public import LetheRecords
public import LetheRegistry

/// The port of sharded training without tensors: samples are dealt out in turn, and a stage is a
/// file of one number whose metadata says what it is.
extension FakeEngine: ShardEngine {
    /// Deals the sorted samples out in turn; the recipe says to how many shards and slices.
    public func planShards(
        _ task: ShardPlanTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ShardLayout {
        let parameters = task.recipe.parameters
        let shardCount = parameters["shardCount"]?.integerValue ?? 2
        let sliceCount = parameters["sliceCount"]?.integerValue ?? 3
        let sequenceCount = parameters["sequenceCount"]?.integerValue ?? 2
        let isByLabel = parameters["grouping"]?.stringValue == "label"
        var slices = Array(
            repeating: Array(repeating: [PlannedSample](), count: sliceCount), count: shardCount)
        let splits = try TinyDataset.splits(in: task.dataset.url)
        var index = 0
        for (label, urls) in (splits.first { $0.name == "train" }?.classes ?? []).enumerated() {
            for url in urls {
                let slice =
                    isByLabel ? min(label, sliceCount - 1) : index / shardCount % sliceCount
                slices[index % shardCount][slice].append(
                    PlannedSample(
                        index: index, label: label,
                        commitment: task.key.commitment(
                            to: try TinyFiles.read(url), domain: "lethe.sample.v1")))
                index += 1
            }
        }
        let orders = (0..<sequenceCount).map { shift in
            (0..<sliceCount).map { ($0 + sliceCount - shift) % sliceCount }
        }
        return ShardLayout(
            split: "train", slices: slices,
            sequences: Array(repeating: orders, count: shardCount), sequenceMinimum: 2)
    }

    /// Writes a file that names what it was trained on.
    public func trainStage(
        _ task: StageTrainingTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> StageOutcome {
        if stopsAtFirstCheckpoint, task.place.stage == 2,
            !FileManager.default.fileExists(atPath: task.checkpointFolder.path)
        {
            try TinyFiles.write([1], to: task.checkpointFolder)
            throw LetheError(
                code: .interrupted, message: "Interrupted.",
                remedy: "Run the same command again to go on.")
        }
        try await amidRun()
        let metadata = StageRecord.metadata(
            base: task.base, plan: task.plan, place: task.place, slices: task.slices,
            parent: task.parent?.record.file)
        let bytes = TinyModel.file(
            [("number", "F32", [1], [0, 0, UInt8(task.samples.count % 256), 0])],
            metadata: metadata)
        try TinyFiles.write(bytes, to: task.file)
        return StageOutcome(
            record: try StageRecord(
                metadata: metadata, file: Digest(hashing: bytes), named: task.place.fileName),
            parameters: task.recipe.parameters, stepCount: 1,
            environment: TinyModel.environment(task.runPlace))
    }
}

extension TinyRegistry {
    /// The name of the sharded model.
    public static let sharded = "sharded"

    /// A recipe of two shards of three slices in two sequences.
    public static func shardRecipe(grouping: String = "random") -> Recipe {
        Recipe(
            name: "shards", method: "s3t", description: "For tests.",
            parameters: ["grouping": .string(grouping)])
    }

    /// Trains the sharded model.
    @discardableResult
    public func trainShards(
        grouping: String = "random", engine: FakeEngine = FakeEngine(), in registry: Registry
    ) async throws(LetheError) -> Version {
        try await registry.trainShards(
            TrainOrder(
                model: Self.sharded, folder: modelFolder, dataset: Self.dataset,
                excludedClasses: [], recipe: Self.shardRecipe(grouping: grouping), seed: 1,
                place: Self.place),
            engine: engine, keys: keys(), now: Self.now, progress: { _ in })
    }

    /// Deletes samples, by their positions in the training split, or classes of the sharded model.
    @discardableResult
    public func rollBack(
        samples: [Int] = [], classes: [Int] = [], in registry: Registry
    ) throws(LetheError) -> Version {
        try registry.rollBack(
            RollBackOrder(
                model: Self.sharded, classes: classes, commitments: commitments(to: samples),
                dataset: Self.dataset),
            keys: keys(), now: Self.now)
    }

    /// The commitments to training samples by position; a sample that nobody has at other positions.
    private func commitments(to positions: [Int]) throws(LetheError) -> [Digest] {
        guard !positions.isEmpty else { return [] }
        let key = try keys().commitmentKey
        let training = try TinyDataset.splits(in: samples).first { $0.name == "train" }
        let urls = training?.classes.flatMap { $0 } ?? []
        return try positions.mapping { (index) throws(LetheError) in
            let bytes = urls.indices.contains(index) ? try TinyFiles.read(urls[index]) : []
            return key.commitment(to: bytes, domain: "lethe.sample.v1")
        }
    }

    /// Certifies the sharded model.
    @discardableResult
    public func certifyShards(in registry: Registry) async throws(LetheError) -> CertifyOutcome {
        try await registry.certify(
            JudgeOrder(
                revision: Revision(Self.sharded), dataset: Self.dataset,
                policy: registry.policy(named: "default"), place: Self.place),
            judge: FakeJudge(), keys: keys(), now: Self.now, progress: { _ in })
    }
}
