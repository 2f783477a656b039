/// Everything needed to know and to repeat what made a version; `.lethe/version.json`.
public struct VersionManifest: Record {
    /// The schema's name.
    public static let schemaName = "lethe.version.v1"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The model's name, which is also its branch.
    public var model: String
    /// 1 for the first version of a line, then one more for each.
    public var number: Int
    /// The digest of the parent's manifest; nil for the first version of a line.
    public var parent: Digest?
    /// What was done.
    public var operation: Operation
    /// When.
    public var created: Timestamp
    /// The files that a consumer receives, ordered by path.
    public var files: [VersionFile]
    /// The ids of all requests that this line has honoured, oldest first.
    public var requests: [String]
    /// What was run, fully resolved; nil where nothing ran.
    public var run: RunDescription?
    /// The low-rank delta that made this version from its parent; nil for other operations.
    public var delta: DeltaReference?
    /// The digest of the certificate's envelope; only on a certified version.
    public var certificate: Digest?
    /// Every stage of a sharded model and what became of it; nil for other models.
    public var shards: ShardState?
    /// The version that an adapter belongs to; nil for whole models and for adapters whose base
    /// this registry does not have.
    public var base: BaseReference?

    /// Makes a manifest; files are put in order of their path.
    public init(
        model: String, number: Int, parent: Digest?, operation: Operation, created: Timestamp,
        files: [VersionFile], requests: [String], run: RunDescription? = nil,
        delta: DeltaReference? = nil, certificate: Digest? = nil, shards: ShardState? = nil,
        base: BaseReference? = nil
    ) {
        self.model = model
        self.number = number
        self.parent = parent
        self.operation = operation
        self.created = created
        self.files = files.sorted { $0.path < $1.path }
        self.requests = requests
        self.run = run
        self.delta = delta
        self.certificate = certificate
        self.shards = shards
        self.base = base
    }
}

/// The version that an adapter belongs to.
public struct BaseReference: Sendable, Equatable, Codable {
    /// The model's name in this registry.
    public var model: String
    /// The digest of that version's manifest.
    public var version: Digest
    /// SHA-256 of its weights file.
    public var weights: Digest

    /// Names a version by its digests.
    public init(model: String, version: Digest, weights: Digest) {
        self.model = model
        self.version = version
        self.weights = weights
    }
}

/// One file of a version: its path in the model repository and the bytes it stands for.
public struct VersionFile: Sendable, Equatable, Codable {
    /// The path, relative, with `/` between parts.
    public var path: String
    /// SHA-256 of the whole file.
    public var digest: Digest
    /// The file's length.
    public var sizeBytes: Int
    /// The object that says how to put the file together; nil if the file is one object.
    public var assembly: Digest?

    /// Names a file and its bytes.
    public init(path: String, digest: Digest, sizeBytes: Int, assembly: Digest?) {
        self.path = path
        self.digest = digest
        self.sizeBytes = sizeBytes
        self.assembly = assembly
    }

    /// Whether a file of that path says what a model has learnt.
    ///
    /// A mask does not: a line keeps it, so that versions which have forgotten have the same.
    public static func holdsWeights(_ path: String) -> Bool {
        path.hasSuffix(".safetensors") && path != PruningMask.fileName
    }
}

/// The stored low-rank update and the base it belongs to.
public struct DeltaReference: Sendable, Equatable, Codable {
    /// The adapter file (safetensors, PEFT names).
    public var file: VersionFile
    /// SHA-256 of the only weights file that the delta may be merged into.
    public var base: Digest
    /// The name of the merge function: `lethe.merge.v1` (docs/FORMAT.md).
    public var merge: String

    /// Binds a delta to its base.
    public init(file: VersionFile, base: Digest, merge: String) {
        self.file = file
        self.base = base
        self.merge = merge
    }
}

/// How a version was computed: enough to run it again.
public struct RunDescription: Sendable, Equatable, Codable {
    /// The recipe's name.
    public var recipe: String
    /// The digest of the recipe file as given.
    public var recipeDigest: Digest
    /// The method, for example `gs-lora`.
    public var method: String
    /// Every hyper-parameter, defaults filled in.
    public var parameters: JSONValue
    /// The seed of everything random.
    public var seed: Int
    /// The data, by the digest of its record.
    public var dataset: DatasetReference
    /// Which samples selected the weights; never the test split.
    public var selection: String
    /// Where it ran.
    public var environment: RunEnvironment
    /// Optimiser steps taken.
    public var stepCount: Int
    /// Whether the recipe's goal was reached and stayed reached on the selection samples.
    public var goalReached: Bool
    /// Figures measured on the selection samples at the end, in 0...1 where they are accuracies.
    public var selectionFigures: [String: Double]
    /// How the gradients of forgetting and of retaining pulled, oldest step first, at most
    /// `GradientTrail.mostLooks`; nil where the method did not look.
    public var gradients: [GradientLook]?

    /// Describes a run.
    public init(
        recipe: String, recipeDigest: Digest, method: String, parameters: JSONValue, seed: Int,
        dataset: DatasetReference, selection: String, environment: RunEnvironment, stepCount: Int,
        goalReached: Bool, selectionFigures: [String: Double]
    ) {
        self.recipe = recipe
        self.recipeDigest = recipeDigest
        self.method = method
        self.parameters = parameters
        self.seed = seed
        self.dataset = dataset
        self.selection = selection
        self.environment = environment
        self.stepCount = stepCount
        self.goalReached = goalReached
        self.selectionFigures = selectionFigures
    }
}

/// The software and hardware that numbers depend on.
public struct RunEnvironment: Sendable, Equatable, Codable {
    /// Lethe's version.
    public var lethe: String
    /// LibTorch's version.
    public var libTorch: String
    /// The device, for example `cpu` or `cuda:0`.
    public var device: String
    /// Threads used by the kernels.
    public var threads: Int

    /// Describes an environment.
    public init(lethe: String, libTorch: String, device: String, threads: Int) {
        self.lethe = lethe
        self.libTorch = libTorch
        self.device = device
        self.threads = threads
    }
}

/// A dataset by name and by the digest of its record.
public struct DatasetReference: Sendable, Equatable, Codable {
    /// The name in this registry.
    public var name: String
    /// The digest of its `DatasetRecord`.
    public var digest: Digest

    /// Names a dataset.
    public init(name: String, digest: Digest) {
        self.name = name
        self.digest = digest
    }
}
