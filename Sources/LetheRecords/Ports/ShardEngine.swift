public import Foundation

/// A training set that is to be dealt out to shards and slices.
public struct ShardPlanTask: Sendable {
    /// The data; only its training split is read.
    public var dataset: DatasetLocation
    /// Labels whose samples are left out; usually empty.
    public var excludedClasses: [Int]
    /// The recipe, which says how many shards, slices and sequences there are.
    public var recipe: Recipe
    /// Commits to every sample.
    public var key: CommitmentKey
    /// 64 random bits that are used for nothing else and kept nowhere.
    public var secretSeed: UInt64

    /// Puts a task together.
    public init(
        dataset: DatasetLocation, excludedClasses: [Int], recipe: Recipe, key: CommitmentKey,
        secretSeed: UInt64
    ) {
        self.dataset = dataset
        self.excludedClasses = excludedClasses
        self.recipe = recipe
        self.key = key
        self.secretSeed = secretSeed
    }
}

/// A sample as a plan needs it.
public struct PlannedSample: Sendable, Equatable {
    /// The position in the split, from 0.
    public var index: Int
    /// The label.
    public var label: Int
    /// The keyed commitment to its bytes, as `describe` makes it.
    public var commitment: Digest

    /// Names a sample.
    public init(index: Int, label: Int, commitment: Digest) {
        self.index = index
        self.label = label
        self.commitment = commitment
    }
}

/// A training set dealt out to shards and slices.
public struct ShardLayout: Sendable {
    /// The split that was dealt out.
    public var split: String
    /// The samples of each slice of each shard.
    public var slices: [[[PlannedSample]]]
    /// The orders of each shard's slices.
    public var sequences: [[[Int]]]
    /// Fewer living sequences of a shard than this raise an alarm.
    public var sequenceMinimum: Int

    /// Describes a layout.
    public init(
        split: String, slices: [[[PlannedSample]]], sequences: [[[Int]]], sequenceMinimum: Int
    ) {
        self.split = split
        self.slices = slices
        self.sequences = sequences
        self.sequenceMinimum = sequenceMinimum
    }
}

/// One stage that is to be trained.
public struct StageTrainingTask: Sendable {
    /// A folder with the base: config.json, preprocessor_config.json and model.safetensors.
    public var modelFolder: URL
    /// The data.
    public var dataset: DatasetLocation
    /// The split that the samples are of.
    public var split: String
    /// The positions of the samples of all slices of the stage, in a fixed order.
    public var samples: [Int]
    /// What the file will say about itself; its digest is not known yet.
    public var base: Digest
    /// The digest of the plan's public part.
    public var plan: Digest
    /// Which stage.
    public var place: StagePlace
    /// The slices of the stage, in the order of its sequence.
    public var slices: [Int]
    /// Into how many groups the layers are cut.
    public var groupCount: Int
    /// The stage before and its file; nil for the first stage.
    public var parent: (record: StageRecord, file: URL)?
    /// The hyper-parameters.
    public var recipe: Recipe
    /// The seed of everything random in training.
    public var seed: Int
    /// Device and threads.
    public var runPlace: RunPlace
    /// A folder for checkpoints that outlives an interruption; a run found there is continued.
    public var checkpointFolder: URL
    /// Where to write the stage.
    public var file: URL

    /// Puts a task together.
    public init(
        modelFolder: URL, dataset: DatasetLocation, split: String, samples: [Int], base: Digest,
        plan: Digest, place: StagePlace, slices: [Int], groupCount: Int,
        parent: (record: StageRecord, file: URL)?, recipe: Recipe, seed: Int, runPlace: RunPlace,
        checkpointFolder: URL, file: URL
    ) {
        self.modelFolder = modelFolder
        self.dataset = dataset
        self.split = split
        self.samples = samples
        self.base = base
        self.plan = plan
        self.place = place
        self.slices = slices
        self.groupCount = groupCount
        self.parent = parent
        self.recipe = recipe
        self.seed = seed
        self.runPlace = runPlace
        self.checkpointFolder = checkpointFolder
        self.file = file
    }
}

/// What training a stage left behind.
public struct StageOutcome: Sendable {
    /// What the new file says about itself.
    public var record: StageRecord
    /// Every hyper-parameter, defaults filled in.
    public var parameters: JSONValue
    /// Optimiser steps taken.
    public var stepCount: Int
    /// Where it ran.
    public var environment: RunEnvironment

    /// Describes an outcome.
    public init(
        record: StageRecord, parameters: JSONValue, stepCount: Int, environment: RunEnvironment
    ) {
        self.record = record
        self.parameters = parameters
        self.stepCount = stepCount
        self.environment = environment
    }
}

/// The port through which the registry has sharded models planned and trained.
///
/// Deleting needs no engine. Implemented by LetheForgetting, and by a small one in the tests.
public protocol ShardEngine: Engine {
    /// Deals the training split out, and commits to every sample of it.
    ///
    /// - Throws: `invalidArgument` for a recipe that does not fit the data, `malformed` for samples
    ///   that cannot be read.
    func planShards(
        _ task: ShardPlanTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ShardLayout

    /// Trains one stage and writes its file.
    ///
    /// - Throws: `interrupted` when cancelled (the checkpoint is kept), `unsupported` for a model that
    ///   cannot be trained in stages, `integrity` for another base or parent.
    func trainStage(
        _ task: StageTrainingTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> StageOutcome
}
