public import Foundation
public import LetheRecords
internal import LetheStorage

/// What to train.
public struct TrainOrder: Sendable {
    /// The name of the line that gets the new version.
    public var model: String
    /// A folder with config.json, preprocessor_config.json and, to fine-tune, model.safetensors.
    public var folder: URL
    /// The dataset's name.
    public var dataset: String
    /// Labels that are not trained on (the Retrain baseline); usually empty.
    public var excludedClasses: [Int]
    /// The hyper-parameters.
    public var recipe: Recipe
    /// The seed of everything random.
    public var seed: Int
    /// Device and threads.
    public var place: RunPlace

    /// Puts an order together.
    public init(
        model: String, folder: URL, dataset: String, excludedClasses: [Int], recipe: Recipe,
        seed: Int, place: RunPlace
    ) {
        self.model = model
        self.folder = folder
        self.dataset = dataset
        self.excludedClasses = excludedClasses
        self.recipe = recipe
        self.seed = seed
        self.place = place
    }
}

extension Registry {
    /// Trains or fine-tunes a model and publishes the result.
    ///
    /// What the line has forgotten, classes and samples, is not trained on.
    ///
    /// - Throws: `interrupted` when cancelled; the same order then goes on where it stopped.
    public func train(
        _ order: TrainOrder, engine: any Engine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Version {
        _ = try ReferenceName.model(order.model)
        try requireWritable(by: keys)
        let dataset = try dataset(named: order.dataset)
        let parent = try tip(of: order.model)
        let work = try workFolder()
        let source = try Self.copyModelFiles(of: order.folder, to: work.folder("model"))
        let pending = try PendingRun(
            kind: "train", key: try trainKey(order, dataset), in: storage.layout,
            files: storage.files)
        let task = try trainTask(
            order, on: dataset, after: parent, in: source, checkpoints: pending.url, keys: keys)
        let outcome = try await engine.train(task, progress: progress)
        let run = try describe(
            outcome, recipe: order.recipe, seed: order.seed, dataset: dataset.reference)
        let version = try add(
            ModelFolder(source), as: order.model, onto: parent, operation: .finetune, run: run,
            summary: "Train \(order.model) on \(order.dataset)", keys: keys, now: now,
            progress: progress)
        pending.finish()
        return version
    }

    /// What the engine is asked to do, on top of a version.
    func trainTask(
        _ order: TrainOrder, on dataset: RegisteredDataset, after parent: Version?,
        in source: URL, checkpoints: URL, keys: KeyFolder
    ) throws(LetheError) -> TrainTask {
        let earlier = try parent.mapping(requests(of:)) ?? []
        let lists = try parent.mapping { (version) throws(LetheError) in
            try sampleLists(of: version, requests: earlier)
        }
        let excluded = Set(order.excludedClasses + earlier.flatMap(\.classes))
        var task = TrainTask(
            modelFolder: source, dataset: try location(of: order.dataset),
            excludedClasses: excluded.sorted(), recipe: order.recipe, seed: order.seed,
            place: order.place, checkpointFolder: checkpoints,
            weightsFile: source.appending(path: VersionTree.weightsName),
            commitments: try commitments(
                key: keys.commitmentKey, dataset: dataset.record, lists: lists ?? [:]))
        task.maskFile = source.appending(path: PruningMask.fileName)
        return task
    }

    func describe(
        _ outcome: RunOutcome, recipe: Recipe, seed: Int, dataset: DatasetReference
    ) throws(LetheError) -> RunDescription {
        var run = RunDescription(
            recipe: recipe.name, recipeDigest: try recipe.digest(), method: recipe.method,
            parameters: outcome.parameters, seed: seed, dataset: dataset,
            selection: outcome.selection, environment: outcome.environment,
            stepCount: outcome.stepCount, goalReached: outcome.goalReached,
            selectionFigures: outcome.selectionFigures)
        if !outcome.gradients.isEmpty { run.gradients = outcome.gradients }
        return run
    }

    func trainKey(
        _ order: TrainOrder, _ dataset: RegisteredDataset
    ) throws(LetheError) -> [String] {
        [
            order.model, order.folder.path, dataset.reference.digest.hex,
            "\(order.excludedClasses)", try order.recipe.digest().hex, "\(order.seed)",
            order.place.device, "\(order.place.threads)",
        ]
    }

    /// Copies the small files and the weights, if any, so that the source is never written to.
    static func copyModelFiles(of folder: URL, to target: URL) throws(LetheError) -> URL {
        do {
            for name in [VersionTree.weightsName] + ModelFolder.required + ModelFolder.optional {
                let source = folder.appending(path: name)
                guard FileManager.default.fileExists(atPath: source.path) else { continue }
                try Data(contentsOf: source).write(to: target.appending(path: name))
            }
        } catch {
            throw LetheError(
                code: .io, message: "The files of \(folder.path) cannot be read.",
                remedy: "See that the folder and its files can be read.", cause: error)
        }
        return target
    }
}
