public import Foundation
public import LetheRecords
internal import LetheStorage

/// Which training samples to look for.
public struct ExampleOrder: Sendable {
    /// The model whose features compare images.
    public var model: String
    /// The dataset that is searched.
    public var dataset: String
    /// The folder of example images.
    public var folder: URL
    /// How many training samples to find for each example.
    public var nearestCount: Int
    /// Device and threads.
    public var place: RunPlace

    /// Puts an order together.
    public init(
        model: String, dataset: String, folder: URL, nearestCount: Int, place: RunPlace
    ) {
        self.model = model
        self.dataset = dataset
        self.folder = folder
        self.nearestCount = nearestCount
        self.place = place
    }
}

/// The training samples that look most like some examples, to be shown to a person.
public struct ExampleListing: Sendable {
    /// The version whose features compared them.
    public let version: Version
    /// The dataset's record.
    public let dataset: DatasetReference
    /// The samples, the most similar first.
    public let samples: [SimilarSample]

    /// The samples as a request by samples names them.
    public var names: [String] { samples.map { "train:\($0.sample.index)" } }
    /// The labels of the samples, ascending, as a request by classes names them.
    public var classes: [Int] { Set(samples.map(\.sample.label)).sorted() }

    /// What a person confirms: this list, of this version and dataset, for this kind of request.
    ///
    /// Similarities are left out: their last digits depend on the machine.
    public func confirmation(as kind: RecipeRule.Kind) throws(LetheError) -> Digest {
        let rows = samples.map(\.sample).map { sample in
            JSONValue.array([
                .number(Double(sample.index)), .number(Double(sample.label)),
                .string(sample.commitment.description),
            ])
        }
        return Digest(
            hashing: try CanonicalJSON.encode(
                JSONValue.object([
                    "kind": .string(kind.rawValue), "samples": .array(rows),
                    "version": .string(version.manifestDigest.description),
                    "dataset": .string(dataset.digest.description),
                ])))
    }
}

extension Registry {
    /// Finds the training samples nearest to some examples; changes nothing.
    ///
    /// Samples and classes that the line has forgotten are not searched.
    ///
    /// - Throws: `malformed` naming examples that do not decode, `notFound`.
    public func findExamples(
        _ order: ExampleOrder, engine: any Engine, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> ExampleListing {
        guard order.nearestCount >= 1 else {
            throw LetheError(
                code: .invalidArgument, message: "At least one sample is looked for.",
                remedy: "Write for example --nearest 5.")
        }
        let version = try resolve(Revision(order.model), fallback: "latest")
        let dataset = try dataset(named: order.dataset)
        try requireKey(of: dataset.record, is: keys.commitmentKey)
        let requests = try requests(of: version)
        let lists = try sampleLists(of: version, requests: requests)
        let work = try workFolder()
        let folder = try work.folder("model")
        try materialise(version, into: folder, progress: progress)
        let known = try commitments(
            key: keys.commitmentKey, dataset: dataset.record, lists: lists)
        let samples = try await engine.nearest(
            ExampleTask(
                modelFolder: folder, dataset: location(of: order.dataset),
                examplesFolder: order.folder, nearestCount: order.nearestCount,
                excludedClasses: requests.flatMap(\.classes),
                commitments: known ?? SampleCommitments(key: keys.commitmentKey),
                place: order.place), progress: progress)
        return ExampleListing(version: version, dataset: dataset.reference, samples: samples)
    }
}
