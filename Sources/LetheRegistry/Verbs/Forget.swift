internal import Foundation
public import LetheRecords
internal import LetheStorage

/// What to forget.
public struct ForgetOrder: Sendable {
    /// The model.
    public var model: String
    /// The labels to forget.
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

    /// Puts an order together.
    public init(
        model: String, classes: [Int], dataset: String, recipe: Recipe, seed: Int,
        place: RunPlace, reference: String? = nil
    ) {
        self.model = model
        self.classes = classes
        self.dataset = dataset
        self.recipe = recipe
        self.seed = seed
        self.place = place
        self.reference = reference
    }
}

extension Registry {
    /// Honours an erasure request: runs the recipe's method and writes the next version, as a
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
            return try rollBack(
                RollBackOrder(
                    model: order.model, classes: order.classes, dataset: order.dataset,
                    reference: order.reference), keys: keys, now: now)
        }
        let dataset = try dataset(named: order.dataset)
        let earlier = try requests(of: parent)
        PendingRun.sweep(kind: "forget", honoured: earlier, in: storage.layout)
        let work = try workFolder()
        let modelFolder = try work.folder("model")
        try materialise(parent, into: modelFolder, progress: progress)
        let model = try await engine.inspect(modelFolder: modelFolder)
        try ForgetCheck.check(order, model: model, dataset: dataset.record, earlier: earlier)

        let pending = try PendingRun(
            kind: "forget", key: try forgetKey(order, dataset, parent), in: storage.layout,
            files: storage.files)
        let request = try request(order, dataset, pending, now: now)
        let task = ForgetTask(
            modelFolder: modelFolder, dataset: try location(of: order.dataset),
            request: request, earlierRequests: earlier, recipe: order.recipe, seed: order.seed,
            place: order.place, checkpointFolder: pending.url,
            deltaFile: pending.url.appending(path: "delta.safetensors"),
            weightsFile: pending.url.appending(path: VersionTree.weightsName))
        let outcome = try await engine.forget(task, progress: progress)
        let run = try describe(
            outcome, recipe: order.recipe, seed: order.seed, dataset: dataset.reference)
        let version = try write(
            ForgetResult(
                parent: parent, requests: earlier + [request], product: outcome.product,
                task: task, run: run), keys: keys, now: now)
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
        ]
    }

    /// The request as it was received, also if this is a later try to honour it.
    private func request(
        _ order: ForgetOrder, _ dataset: RegisteredDataset, _ pending: PendingRun, now: Timestamp
    ) throws(LetheError) -> ForgetRequest {
        if let saved = pending.saved(ForgetRequest.self, named: PendingRun.requestName) {
            return saved
        }
        let split = try dataset.record.split(named: "train")
        let classes = order.classes.sorted()
        let request = try ForgetRequest(
            model: order.model, received: now, classes: classes, dataset: dataset.reference,
            sampleCount: classes.reduce(0) { $0 + split.classSampleCounts[$1] },
            commitment: MerkleTree.root(of: classes.map { split.classCommitments[$0] }),
            reference: order.reference)
        try pending.save(request, named: PendingRun.requestName, files: storage.files)
        return request
    }
}
