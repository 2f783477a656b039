public import Foundation

/// A training sample as the engine found it.
public struct SampleMatch: Sendable, Equatable {
    /// Its position in the training split, from 0.
    public var index: Int
    /// Its class.
    public var label: Int
    /// The keyed commitment to its bytes.
    public var commitment: Digest

    /// Describes a sample.
    public init(index: Int, label: Int, commitment: Digest) {
        self.index = index
        self.label = label
        self.commitment = commitment
    }
}

/// What the engine made of a list of samples that a person wrote.
public struct LocatedSamples: Sendable, Equatable {
    /// The samples that were named, in the order of the list.
    public var named: [SampleMatch]
    /// The whole training split as it is now.
    public var training: SplitDescription

    /// Puts it together.
    public init(named: [SampleMatch], training: SplitDescription) {
        self.named = named
        self.training = training
    }
}

/// What a run needs to tell forgotten samples from others: keyed commitments to their bytes.
public struct SampleCommitments: Sendable {
    /// The key that they are made with.
    public var key: CommitmentKey
    /// The samples that this run is to forget; empty where it forgets classes.
    public var requested: [Digest]
    /// The samples of earlier requests; they are in no pool.
    public var forgotten: [Digest]

    /// Puts them together.
    public init(key: CommitmentKey, requested: [Digest] = [], forgotten: [Digest] = []) {
        self.key = key
        self.requested = requested
        self.forgotten = forgotten
    }
}

/// A search for the training samples that look most like some examples to a model.
public struct ExampleTask: Sendable {
    /// A folder with config.json, preprocessor_config.json and model.safetensors.
    public var modelFolder: URL
    /// The data to search, by its training split.
    public var dataset: DatasetLocation
    /// A folder of JPEG and PNG files.
    public var examplesFolder: URL
    /// How many training samples to find for each example.
    public var nearestCount: Int
    /// Classes that are not searched, because earlier requests had them forgotten.
    public var excludedClasses: [Int]
    /// The key, and samples that are not searched, for the same reason.
    public var commitments: SampleCommitments
    /// Device and threads.
    public var place: RunPlace

    /// Puts a task together.
    public init(
        modelFolder: URL, dataset: DatasetLocation, examplesFolder: URL, nearestCount: Int,
        excludedClasses: [Int], commitments: SampleCommitments, place: RunPlace
    ) {
        self.modelFolder = modelFolder
        self.dataset = dataset
        self.examplesFolder = examplesFolder
        self.nearestCount = nearestCount
        self.excludedClasses = excludedClasses
        self.commitments = commitments
        self.place = place
    }
}

/// A training sample that looks like an example.
public struct SimilarSample: Sendable, Equatable {
    /// The sample.
    public var sample: SampleMatch
    /// The cosine between its features and those of the nearest example, in -1...1.
    public var similarity: Double

    /// Pairs them.
    public init(sample: SampleMatch, similarity: Double) {
        self.sample = sample
        self.similarity = similarity
    }
}
