public import Foundation
public import LetheRecords
import LetheTensor
import LetheVision
import Logging

/// One stage of one sequence, to be trained.
public struct StageTask: Sendable {
    /// A folder with the base: config.json, preprocessor_config.json and model.safetensors.
    public var modelFolder: URL
    /// The data that the plan's positions point into.
    public var dataset: DatasetLocation
    /// The plan, what is trained and what is deleted.
    public var system: ShardedSystem
    /// Which stage.
    public var stage: StagePlace
    /// The hyper-parameters, of the method `s3t`.
    public var recipe: Recipe
    /// The seed of everything random in training; not the plan's secret one.
    public var seed: Int
    /// Device and threads.
    public var place: RunPlace
    /// A folder for checkpoints that outlives an interruption; a run found there is continued.
    public var checkpointFolder: URL
    /// Where the files of stages are, each under `StagePlace.fileName`.
    public var stageFolder: URL

    /// Puts a task together.
    public init(
        modelFolder: URL, dataset: DatasetLocation, system: ShardedSystem, stage: StagePlace,
        recipe: Recipe, seed: Int, place: RunPlace, checkpointFolder: URL, stageFolder: URL
    ) {
        self.modelFolder = modelFolder
        self.dataset = dataset
        self.system = system
        self.stage = stage
        self.recipe = recipe
        self.seed = seed
        self.place = place
        self.checkpointFolder = checkpointFolder
        self.stageFolder = stageFolder
    }

    /// The task without the system, once the system allows it.
    ///
    /// - Throws: what `ShardedSystem.requireTrainable` throws, `refused` for a sample of another
    ///   split than "train".
    func resolved() throws(LetheError) -> StageTrainingTask {
        try system.requireTrainable(stage)
        let positions = system.plan.samples(of: stage)
        if let other = positions.first(where: { $0.split != SelectionSplit.splitName }) {
            throw LetheError(
                code: .refused,
                message: "The plan names samples of the split \"\(other.split)\"; only "
                    + "\"\(SelectionSplit.splitName)\" is trained on.",
                remedy: "Make a plan from the training split.")
        }
        let parent = stage.parent.flatMap { system.record(of: $0) }
        return StageTrainingTask(
            modelFolder: modelFolder, dataset: dataset, split: SelectionSplit.splitName,
            samples: positions.map(\.index), base: system.base, plan: system.planDigest,
            place: stage, slices: system.plan.slices(of: stage) ?? [],
            groupCount: system.plan.sliceCount,
            parent: parent.map { ($0, stageFolder.appending(path: $0.place.fileName)) },
            recipe: recipe, seed: seed, runPlace: place, checkpointFolder: checkpointFolder,
            file: stageFolder.appending(path: stage.fileName))
    }
}

/// Trains one stage: on its slices together, the updates of its own group and the head; the rest is
/// frozen (arXiv:2406.16257, section 3.1).
struct StageRun {
    let task: StageTrainingTask
    let progress: ProgressHandler
    let cancellation: CancellationFlag
    let logger: Logger

    /// Runs on the calling thread.
    ///
    /// - Throws: `alreadyExists` where the file is there, `integrity` for another base or parent file
    ///   than the task's, `labelMismatch`, `notFound` for a sample that the dataset does not have,
    ///   `refused` for another split than "train", `interrupted`, `numerical`.
    func run() throws(LetheError) -> StageOutcome {
        guard !FileManager.default.fileExists(atPath: task.file.path) else {
            throw LetheError(
                code: .alreadyExists, message: "\(task.file.lastPathComponent) is there already.",
                remedy: "Add it to the system with its record, or remove it; a stage's file is "
                    + "never written over.")
        }
        let setting = try RunSetting(
            task.runPlace, progress: progress, cancellation: cancellation, logger: logger)
        let parameters = try S3TParameters(task.recipe)
        let model = try StageModel(
            folder: task.modelFolder, sliceCount: task.groupCount, device: setting.device)
        try model.require(task.base)
        let pool = try pool(setting, classCount: model.base.classCount)
        let parts = try startingParts(model, parameters)
        let method = try StageMethod(
            model, parts, stage: task.place, pool: pool, parameters: parameters, seed: seed)
        let loop = TrainingLoop(
            plan: parameters.loop(sampleCount: pool.count),
            checkpoints: try setting.checkpoints(
                in: task.checkpointFolder, identity: identity(parameters)),
            progress: progress, cancellation: cancellation)
        let state = try loop.run(
            method,
            AdamW(
                parameters: method.parameters, learningRate: parameters.learningRate,
                weightDecay: parameters.weightDecay))
        try parts.write(model, stage: task.place.stage, metadata: metadata(), to: task.file)
        loop.checkpoints.remove()
        return StageOutcome(
            record: try StageRecord(reading: task.file), parameters: parameters.resolved,
            stepCount: state.step, environment: setting.environment)
    }

    private var seed: RunSeed { RunSeed(seed: task.seed, task: 0) }

    /// The parts of the stage before, or a fresh head, and fresh updates of this stage's group.
    private func startingParts(
        _ model: StageModel, _ parameters: S3TParameters
    ) throws(LetheError) -> StageParts {
        let place = task.place
        var parts: StageParts
        if let parent = task.parent {
            parts = try StageFiles.parts(of: parent.record, at: parent.file, for: model)
        } else {
            parts = try StageParts(
                freshFor: model, scale: parameters.scale, seed: seed.value("head of \(place)", 0))
        }
        guard parts.scale == parameters.scale else {
            throw LetheError(
                code: .conflict,
                message: "The stage before was trained with the scale \(parts.scale), not "
                    + "\(parameters.scale).",
                remedy: "Train all stages of a sequence with the same rank and alpha.")
        }
        try parts.begin(
            model.layers(ofStage: place.stage), rank: parameters.rank,
            seed: seed.value("updates of \(place)", 0), device: model.base.device)
        return parts
    }

    /// The samples of the stage's slices, decoded.
    private func pool(_ setting: RunSetting, classCount: Int) throws(LetheError) -> PreparedImages {
        let dataset = try task.dataset.open()
        try dataset.requireClassCount(classCount, absent: [])
        let split = dataset.splits[task.split] ?? []
        var samples: [Sample] = []
        for index in task.samples {
            guard split.indices.contains(index) else {
                throw LetheError(
                    code: .notFound,
                    message: "The dataset has no sample \(index) in a split \"\(task.split)\", "
                        + "which the plan names.",
                    remedy: "Give the dataset that the plan was made for.")
            }
            samples.append(split[index])
        }
        let reader = SampleReader(
            dataset: dataset, preprocessor: try ImagePreprocessor(folder: task.modelFolder))
        return try setting.prepare(samples, reader, phase: "reading training images")
    }

    private func metadata() -> [String: String] {
        StageRecord.metadata(
            base: task.base, plan: task.plan, place: task.place, slices: task.slices,
            parent: task.parent?.record.file)
    }

    /// What makes another run the same run, so that its checkpoint may be continued.
    private func identity(_ parameters: S3TParameters) -> [String: JSONValue] {
        [
            "method": .string(S3TParameters.method), "parameters": parameters.resolved,
            "seed": .number(Double(task.seed)),
            "stage": .object(metadata().mapValues { .string($0) }),
        ]
    }
}

extension StageModel {
    /// - Throws: `integrity` if the base is not the system's.
    func require(_ expected: Digest) throws(LetheError) {
        guard digest != expected else { return }
        throw LetheError(
            code: .integrity, message: "The base's weights are not those of the sharded system.",
            remedy: "Give the folder of the base that the system was begun with.")
    }
}

/// Reads the files of stages.
enum StageFiles {
    /// The parts of a stage, from a file that is the one on record.
    ///
    /// - Throws: `notFound`, `integrity` for other bytes, `malformed`.
    static func parts(
        of record: StageRecord, at url: URL, for model: StageModel
    ) throws(LetheError) -> StageParts {
        guard FileManager.default.fileExists(atPath: url.path) else {
            throw LetheError(
                code: .notFound, message: "The file of \(record.place) is not there.",
                remedy: "Restore \(record.place.fileName) from a copy.")
        }
        guard try FileDigest.of(url) == record.file else {
            throw LetheError(
                code: .integrity,
                message: "\(url.lastPathComponent) is not the file that was trained.",
                remedy: "Restore it from a copy.")
        }
        return try StageParts(
            reading: Safetensors.open(url), for: model, stage: record.place.stage)
    }
}

extension ForgettingEngine {
    /// Trains one stage of a sharded system and writes its file, which is never written over.
    ///
    /// - Returns: What to give to `ShardedSystem.add`.
    /// - Throws: `refused` for a stage that would see a deleted slice, `alreadyExists`, `notFound`,
    ///   `integrity`, `unsupported` for a model without separate query and value projections,
    ///   `interrupted` when cancelled (the checkpoint is kept), `labelMismatch`, `numerical`, `device`.
    public func trainStage(
        _ task: StageTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> StageRecord {
        try await trainStage(task.resolved(), progress: progress).record
    }
}
