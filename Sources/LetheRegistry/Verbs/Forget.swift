internal import Foundation
public import LetheRecords
internal import LetheStorage

/// What to forget.
public struct ForgetOrder: Sendable {
    /// The model.
    public var model: String
    /// The labels to forget; empty where samples are named.
    public var classes: [Int]
    /// The dataset that shows them and the retained classes.
    public var dataset: String
    /// The hyper-parameters.
    public var recipe: Recipe
    /// The seed of everything random.
    public var seed: Int
    /// Device and threads.
    public var place: RunPlace
    /// A reference to the requester's file; not a name.
    public var reference: String?
    /// The training samples to forget, as a person names them; empty where classes are named.
    public var samples: [String]
    /// Whether each class is a request of its own, honoured in one run with the others.
    public var isSeparate: Bool
    /// The requests that the run honours, if they came in before; together they name `classes`.
    public var groups: [ForgetGroup] = []
    /// Training samples by their commitments; empty where classes or `samples` are named.
    public var commitments: [Digest] = []

    /// Puts an order together.
    public init(
        model: String, classes: [Int], dataset: String, recipe: Recipe, seed: Int,
        place: RunPlace, reference: String? = nil, samples: [String] = [],
        isSeparate: Bool = false
    ) {
        self.model = model
        self.classes = classes
        self.dataset = dataset
        self.recipe = recipe
        self.seed = seed
        self.place = place
        self.reference = reference
        self.samples = samples
        self.isSeparate = isSeparate
    }
}

/// Classes that one person asks to be forgotten, in a run that honours several requests.
public struct ForgetGroup: Sendable, Equatable {
    /// The labels.
    public var classes: [Int]
    /// The id of the case that it came in as.
    public var reference: String
    /// When it came in.
    public var received: Timestamp

    /// Puts it together.
    public init(classes: [Int], reference: String, received: Timestamp) {
        self.classes = classes
        self.reference = reference
        self.received = received
    }
}

extension Registry {
    /// Honours an erasure request, or several in one run: runs the recipe's method and writes the next version, as a
    /// delta to its parent where the method makes one.
    ///
    /// What the version is worth, `verify` and `certify` say.
    ///
    /// - Throws: `invalidArgument` for a class that does not exist or is forgotten already,
    ///   `labelMismatch`, `interrupted` (the same order then goes on where it stopped),
    ///   `conflict` if another writer was first.
    public func forget(
        _ order: ForgetOrder, engine: any Engine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Version {
        try requireWritable(by: keys)
        let parent = try resolve(Revision(order.model), fallback: "latest")
        if parent.manifest.shards != nil {
            let rollBack = try await rollBackOrder(
                order, onto: parent, engine: engine, keys: keys, progress: progress)
            return try self.rollBack(rollBack, keys: keys, now: now)
        }
        let dataset = try dataset(named: order.dataset)
        let earlier = try requests(of: parent)
        PendingRun.sweep(kind: "forget", honoured: earlier, in: storage.layout)
        let work = try workFolder()
        let modelFolder = try work.folder("model")
        try materialise(parent, into: modelFolder, progress: progress)
        let model = try await engine.inspect(modelFolder: modelFolder)
        try ForgetCheck.check(order, model: model, dataset: dataset.record, earlier: earlier)

        let lists = try sampleLists(of: parent, requests: earlier)
        let chosen = try await chosenSamples(
            order, dataset, earlier: earlier, lists: lists, engine: engine, keys: keys,
            progress: progress)
        let pending = try PendingRun(
            kind: "forget", key: try forgetKey(order, dataset, parent), in: storage.layout,
            files: storage.files)
        let requests = try requests(order, dataset, chosen, pending, now: now)
        var task = ForgetTask(
            modelFolder: modelFolder, dataset: try location(of: order.dataset),
            request: requests[0], earlierRequests: earlier, recipe: order.recipe,
            seed: order.seed, place: order.place, checkpointFolder: pending.url,
            deltaFile: pending.url.appending(path: "delta.safetensors"),
            weightsFile: pending.url.appending(path: VersionTree.weightsName),
            furtherRequests: Array(requests.dropFirst()),
            commitments: try commitments(
                key: keys.commitmentKey, dataset: dataset.record,
                requested: chosen?.list.commitments ?? [], lists: lists))
        task.maskFile = pending.url.appending(path: PruningMask.fileName)
        let outcome = try await engine.forget(task, progress: progress)
        let run = try describe(
            outcome, recipe: order.recipe, seed: order.seed, dataset: dataset.reference)
        let version = try write(
            ForgetResult(
                parent: parent, requests: earlier + requests, product: outcome.product,
                mask: outcome.writesMask ? task.maskFile : nil, task: task, run: run,
                sampleList: chosen?.list), keys: keys, now: now)
        pending.finish()
        return version
    }

    private func forgetKey(
        _ order: ForgetOrder, _ dataset: RegisteredDataset, _ parent: Version
    ) throws(LetheError) -> [String] {
        [
            order.model, "\(order.classes.sorted())", dataset.reference.digest.hex,
            parent.manifestDigest.hex, try order.recipe.digest().hex, "\(order.seed)",
            order.place.device, "\(order.place.threads)",
        ] + (order.samples.isEmpty ? [] : ["samples"] + order.samples.sorted())
            + (order.isSeparate ? ["separate"] : [])
            + order.groups.map { "\($0.reference) \($0.classes)" }
            + order.commitments.map(\.hex)
    }

    /// The requests as they were received, also if this is a later try to honour them.
    private func requests(
        _ order: ForgetOrder, _ dataset: RegisteredDataset, _ chosen: ChosenSamples?,
        _ pending: PendingRun, now: Timestamp
    ) throws(LetheError) -> [ForgetRequest] {
        let made = try newRequests(order, dataset, chosen, now: now)
        return try made.enumerated().mapping { (position, request) throws(LetheError) in
            let name = position == 0 ? PendingRun.requestName : "request-\(position + 1).json"
            if let saved = pending.saved(ForgetRequest.self, named: name) { return saved }
            try pending.save(request, named: name, files: storage.files)
            return request
        }
    }
}
