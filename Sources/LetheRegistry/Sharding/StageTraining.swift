internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// An order of slices of one shard that is to be trained.
struct StageSequence: Sendable, Equatable {
    let shard: Int
    /// The number of the sequence in its shard.
    let number: Int
    let slices: [Int]
}

/// Trains stages one after the other into the folder of a pending run; those that an earlier try
/// finished are kept.
struct StageTraining {
    let engine: any ShardEngine
    let modelFolder: URL
    let dataset: DatasetLocation
    let plan: ShardPlanRecord
    let secret: PrivateShardPlan
    let base: Digest
    let recipe: Recipe
    let seed: Int
    let place: RunPlace
    let folder: URL
    let files: StoreFiles
    let progress: ProgressHandler

    /// Every stage, shallow ones first, so that an interrupted run has many sequences that live.
    ///
    /// - Returns: What was trained, and where its file is.
    func run(
        _ sequences: [StageSequence]
    ) async throws(LetheError) -> [(outcome: SavedStage, file: URL)] {
        var trained: [StagePlace: (outcome: SavedStage, file: URL)] = [:]
        let total = sequences.reduce(0) { $0 + $1.slices.count }
        for depth in 1...max(1, sequences.map(\.slices.count).max() ?? 0) {
            for sequence in sequences where sequence.slices.count >= depth {
                let place = StagePlace(
                    shard: sequence.shard, sequence: sequence.number, stage: depth)
                let parent = place.parent.flatMap { trained[$0] }
                let number = trained.count + 1
                trained[place] = try await stage(
                    place, slices: Array(sequence.slices.prefix(depth)), after: parent,
                    named: "stage \(number) of \(total)")
            }
        }
        return trained.sorted { $0.key < $1.key }.map(\.value)
    }

    private func stage(
        _ place: StagePlace, slices: [Int], after parent: (outcome: SavedStage, file: URL)?,
        named name: String
    ) async throws(LetheError) -> (outcome: SavedStage, file: URL) {
        let file = folder.appending(path: place.fileName)
        let saved = folder.appending(path: place.fileName + ".json")
        if let outcome = self.saved(saved), FileManager.default.fileExists(atPath: file.path) {
            return (outcome, file)
        }
        // A stage without its record was cut off while it was written.
        try? FileManager.default.removeItem(at: file)
        let progress = progress
        let outcome = try await engine.trainStage(
            StageTrainingTask(
                modelFolder: modelFolder, dataset: dataset, split: plan.split,
                samples: secret.samples(of: slices, inShard: place.shard), base: base,
                plan: secret.plan, place: place, slices: slices, groupCount: plan.sliceCount,
                parent: parent.map { ($0.outcome.record, $0.file) }, recipe: recipe, seed: seed,
                runPlace: self.place, checkpointFolder: folder.appending(path: "checkpoint"),
                file: file)
        ) { step in
            var step = step
            step.phase = "\(name), \(step.phase)"
            progress(step)
        }
        let record = SavedStage(outcome)
        try files.replaceFile(saved, with: record.canonicalBytes())
        return (record, file)
    }

    private func saved(_ url: URL) -> SavedStage? {
        guard let data = try? Data(contentsOf: url) else { return nil }
        return try? SavedStage.read(canonical: [UInt8](data))
    }
}

/// What is known of a finished stage of a run that goes on; only in `work/`.
struct SavedStage: Record {
    static let schemaName = "lethe.saved-stage.v1"
    var schema = schemaName
    var record: StageRecord
    var parameters: JSONValue
    var stepCount: Int
    var environment: RunEnvironment

    init(_ outcome: StageOutcome) {
        record = outcome.record
        parameters = outcome.parameters
        stepCount = outcome.stepCount
        environment = outcome.environment
    }
}
