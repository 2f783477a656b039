public import Foundation

/// Where the samples of a dataset are on this machine.
public struct DatasetLocation: Sendable, Equatable {
    /// The folder or file.
    public var url: URL
    /// `folder`, `tar`, `idx`, `cifar10` or `cifar100`; nil to look.
    public var format: String?

    /// Says where.
    public init(url: URL, format: String? = nil) {
        self.url = url
        self.format = format
    }
}

/// What the engine finds in a model folder.
public struct ModelDescription: Sendable, Equatable {
    /// For example `Dinov2ForImageClassification`.
    public var architecture: String
    /// The outputs of the head.
    public var classCount: Int
    /// All weights.
    public var parameterCount: Int

    /// Describes a model.
    public init(architecture: String, classCount: Int, parameterCount: Int) {
        self.architecture = architecture
        self.classCount = classCount
        self.parameterCount = parameterCount
    }
}

/// Where a run takes place.
public struct RunPlace: Sendable, Equatable {
    /// `cpu`, `cuda`, `cuda:1`.
    public var device: String
    /// Threads for the kernels.
    public var threads: Int

    /// Names a place.
    public init(device: String = "cpu", threads: Int) {
        self.device = device
        self.threads = threads
    }
}

/// One forget request for the engine.
public struct ForgetTask: Sendable {
    /// A folder with config.json, preprocessor_config.json and model.safetensors of the parent.
    public var modelFolder: URL
    /// The data of this request and of the retained classes.
    public var dataset: DatasetLocation
    /// The request to honour.
    public var request: ForgetRequest
    /// What the line has forgotten already; their data is gone and is not read.
    public var earlierRequests: [ForgetRequest]
    /// The hyper-parameters.
    public var recipe: Recipe
    /// The seed of everything random.
    public var seed: Int
    /// Device and threads.
    public var place: RunPlace
    /// A folder for checkpoints that outlives an interruption; a run found there is continued.
    public var checkpointFolder: URL
    /// Where a method that makes a low-rank delta writes it (safetensors, PEFT names).
    public var deltaFile: URL
    /// Where a method that changes weights as they are writes all of them (safetensors).
    public var weightsFile: URL
    /// Requests that are honoured in the same run; each stays a request of its own.
    public var furtherRequests: [ForgetRequest]
    /// How samples are told apart; nil where nothing is compared and no request names samples.
    public var commitments: SampleCommitments?
    /// Where the mask of a pruned model is written (`PruningMask`); nil where nobody wants it.
    public var maskFile: URL?

    /// Every request that this run honours.
    public var requests: [ForgetRequest] { [request] + furtherRequests }

    /// Puts a task together.
    public init(
        modelFolder: URL, dataset: DatasetLocation, request: ForgetRequest,
        earlierRequests: [ForgetRequest], recipe: Recipe, seed: Int, place: RunPlace,
        checkpointFolder: URL, deltaFile: URL, weightsFile: URL,
        furtherRequests: [ForgetRequest] = [], commitments: SampleCommitments? = nil
    ) {
        self.modelFolder = modelFolder
        self.dataset = dataset
        self.request = request
        self.earlierRequests = earlierRequests
        self.recipe = recipe
        self.seed = seed
        self.place = place
        self.checkpointFolder = checkpointFolder
        self.deltaFile = deltaFile
        self.weightsFile = weightsFile
        self.furtherRequests = furtherRequests
        self.commitments = commitments
    }
}

/// One training run for the engine.
public struct TrainTask: Sendable {
    /// A folder with config.json, preprocessor_config.json and, to fine-tune, model.safetensors.
    public var modelFolder: URL
    /// The data.
    public var dataset: DatasetLocation
    /// Labels that must not be trained on (for a Retrain baseline); usually empty.
    public var excludedClasses: [Int]
    /// The hyper-parameters.
    public var recipe: Recipe
    /// The seed of everything random.
    public var seed: Int
    /// Device and threads.
    public var place: RunPlace
    /// A folder for checkpoints that outlives an interruption; a run found there is continued.
    public var checkpointFolder: URL
    /// Where to write the weights.
    public var weightsFile: URL
    /// Samples that are not trained on, because requests of the line had them forgotten; nil for
    /// none.
    public var commitments: SampleCommitments?
    /// Where the mask of a pruned model is written (`PruningMask`); nil where nobody wants it.
    public var maskFile: URL?

    /// Puts a task together.
    public init(
        modelFolder: URL, dataset: DatasetLocation, excludedClasses: [Int], recipe: Recipe,
        seed: Int, place: RunPlace, checkpointFolder: URL, weightsFile: URL,
        commitments: SampleCommitments? = nil
    ) {
        self.modelFolder = modelFolder
        self.dataset = dataset
        self.excludedClasses = excludedClasses
        self.recipe = recipe
        self.seed = seed
        self.place = place
        self.checkpointFolder = checkpointFolder
        self.weightsFile = weightsFile
        self.commitments = commitments
    }
}

/// What a run leaves behind.
public enum RunProduct: Sendable, Equatable {
    /// A low-rank delta to the parent's weights, in the task's `deltaFile`.
    case delta
    /// All weights, in the task's `weightsFile`.
    case weights
}

/// What a run did, for the manifest.
public struct RunOutcome: Sendable {
    /// Which file it wrote.
    public var product: RunProduct
    /// Whether it wrote the task's `maskFile`: the result is a pruned model.
    public var writesMask = false
    /// Every hyper-parameter, defaults filled in.
    public var parameters: JSONValue
    /// Optimiser steps taken.
    public var stepCount: Int
    /// Whether the goal was reached and stayed reached on the selection samples.
    public var goalReached: Bool
    /// Which samples selected the weights.
    public var selection: String
    /// Figures on the selection samples.
    public var selectionFigures: [String: Double]
    /// How the gradients of forgetting and of retaining pulled; empty where nobody looked.
    public var gradients: [GradientLook] = []
    /// Where it ran.
    public var environment: RunEnvironment

    /// Puts an outcome together.
    public init(
        product: RunProduct, parameters: JSONValue, stepCount: Int, goalReached: Bool,
        selection: String, selectionFigures: [String: Double], environment: RunEnvironment
    ) {
        self.product = product
        self.parameters = parameters
        self.stepCount = stepCount
        self.goalReached = goalReached
        self.selection = selection
        self.selectionFigures = selectionFigures
        self.environment = environment
    }
}

/// Counts and commitments of one split, as the engine's readers find them.
public struct SplitDescription: Sendable, Equatable {
    /// The split's name.
    public var name: String
    /// For each class, a keyed commitment to each sample, in stored order.
    public var commitments: [[Digest]]

    /// Describes a split.
    public init(name: String, commitments: [[Digest]]) {
        self.name = name
        self.commitments = commitments
    }
}

/// What the engine finds in a dataset.
public struct DatasetDescription: Sendable, Equatable {
    /// `folder`, `tar`, `idx`, `cifar10` or `cifar100`, as named or as recognised.
    public var format: String
    /// The splits, ordered by name.
    public var splits: [SplitDescription]

    /// Describes a dataset.
    public init(format: String, splits: [SplitDescription]) {
        self.format = format
        self.splits = splits
    }
}

/// The port through which the registry reads models and data and changes weights.
///
/// Implemented by LetheForgetting over LibTorch, and by a small one in the tests.
public protocol Engine: Sendable {
    /// Looks at a model folder without running it.
    ///
    /// - Throws: `unsupported` or `malformed` naming what is in the way.
    func inspect(modelFolder: URL) async throws(LetheError) -> ModelDescription

    /// Reads every sample once: decodes it and commits to it under the key.
    ///
    /// - Throws: `malformed` naming and counting the samples that do not decode.
    func describe(
        dataset: DatasetLocation, key: CommitmentKey, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> DatasetDescription

    /// Finds the training samples that a person named, one name a line: a path below the dataset's
    /// folder, `train/<index>` or `train:<index>`.
    ///
    /// - Throws: `notFound` or `invalidArgument` naming the first line that is wrong.
    func locate(
        _ names: [String], in dataset: DatasetLocation, key: CommitmentKey,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> LocatedSamples

    /// Finds the training samples whose features are nearest to those of some examples, the most
    /// similar first, each once.
    ///
    /// - Throws: `malformed` naming the examples that do not decode, `notFound` for none.
    func nearest(
        _ task: ExampleTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> [SimilarSample]

    /// Trains or fine-tunes.
    func train(
        _ task: TrainTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome

    /// Makes the low-rank delta, or the weights, that forget the request's classes.
    ///
    /// - Throws: `interrupted` when cancelled (the checkpoint is kept), `numerical`, `tensor` …
    func forget(
        _ task: ForgetTask, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RunOutcome
}
