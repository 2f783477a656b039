internal import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Trains a sharded model as a new line: plans it, trains every stage of every sequence, and
    /// writes the first version, which serves the longest sequence of each shard.
    ///
    /// The folder holds the base, which must not have seen the dataset: nothing checks that. The
    /// secret part of the plan is written beside the keys before anything is trained.
    ///
    /// - Throws: `alreadyExists` if the line is there; `interrupted` when cancelled: the same order
    ///   then goes on where it stopped.
    public func trainShards(
        _ order: TrainOrder, engine: any ShardEngine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Version {
        _ = try ReferenceName.model(order.model)
        try requireWritable(by: keys)
        try refuseExisting(order.model)
        let dataset = try dataset(named: order.dataset)
        let source = try ModelFolder(order.folder)
        _ = try await engine.inspect(modelFolder: order.folder)
        let intake = ModelIntake(into: self, rereading: true, progress: progress)
        let batch = intake.batch
        let (files, texts) = try intake.store(source, of: order.model)
        let base = try Self.baseDigest(files)
        let pending = try PendingRun(
            kind: "train", key: try trainKey(order, dataset) + [base.hex], in: storage.layout,
            files: storage.files)
        let (plan, secret) = try await plan(
            order, dataset, pending, engine: engine, keys: keys, progress: progress)
        let trained = try await StageTraining(
            engine: engine, modelFolder: order.folder, dataset: try location(of: order.dataset),
            plan: plan, secret: secret, base: base, recipe: order.recipe, seed: order.seed,
            place: order.place, folder: pending.url, files: storage.files, progress: progress
        ).run(Self.sequences(of: plan))
        let stages = try put(trained, in: batch)
        let version = try write(
            ShardDraft(
                model: order.model, operation: .finetune, base: files, texts: texts, plan: plan,
                state: ShardState(
                    plan: plan, planDigest: secret.plan, base: base, stages: stages,
                    deletedSlices: []),
                run: try Self.run(
                    trained, recipe: order.recipe, seed: order.seed, dataset: dataset.reference),
                summary: "Train \(order.model) on \(order.dataset) in \(stages.count) stages"),
            objects: batch, keys: keys, now: now)
        pending.finish()
        return version
    }

    /// The plan of an earlier try, or a new one.
    private func plan(
        _ order: TrainOrder, _ dataset: RegisteredDataset, _ pending: PendingRun,
        engine: any ShardEngine, keys: KeyFolder, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> (ShardPlanRecord, PrivateShardPlan) {
        if let plan = pending.saved(ShardPlanRecord.self, named: ShardPlanRecord.fileName) {
            let digest = try plan.digest()
            return (
                plan,
                try PrivateShardPlan.read(for: plan, digest, keys: keys, files: storage.files)
            )
        }
        var random = SystemRandomNumberGenerator()
        let layout = try await engine.planShards(
            ShardPlanTask(
                dataset: try location(of: order.dataset), excludedClasses: order.excludedClasses,
                recipe: order.recipe, key: keys.commitmentKey, secretSeed: random.next()),
            progress: progress)
        let (plan, secret) = try layout.parts(
            dataset: dataset.reference, commitmentKey: keys.commitmentKey.identifier)
        guard plan.commitmentKey == dataset.record.commitmentKey else {
            throw LetheError(
                code: .invalidArgument,
                message: "The dataset was committed to with another key than the one in these "
                    + "keys.",
                remedy: "Name the keys that it was added with, or add it again.")
        }
        try secret.write(beside: keys)
        try pending.save(plan, named: ShardPlanRecord.fileName, files: storage.files)
        return (plan, secret)
    }

    private func refuseExisting(_ model: String) throws(LetheError) {
        guard let tip = try tip(of: model) else { return }
        throw LetheError(
            code: .alreadyExists, message: "There is a model \"\(model)\": \(tip.name).",
            remedy: "A sharded model begins its own line: give another name. Dead sequences are "
                + "replaced with lethe s3t replenish.")
    }

    private static func baseDigest(_ files: [VersionFile]) throws(LetheError) -> Digest {
        guard let weights = files.first(where: { $0.path == VersionTree.weightsName }) else {
            throw LetheError(
                code: .unsupported, message: "The base is stored in shards of weights.",
                remedy: "Save it as one model.safetensors.")
        }
        return weights.digest
    }

    private static func sequences(of plan: ShardPlanRecord) -> [StageSequence] {
        plan.shards.enumerated().flatMap { shard, planned in
            planned.sequences.enumerated().map { number, slices in
                StageSequence(shard: shard, number: number, slices: slices)
            }
        }
    }

    /// Stores the files of stages.
    ///
    /// - Throws: `integrity` if a file is not the one that was trained.
    func put(
        _ trained: [(outcome: SavedStage, file: URL)], in batch: ObjectBatch
    ) throws(LetheError) -> [StoredStage] {
        try trained.mapping { (stage) throws(LetheError) in
            let record = stage.outcome.record
            let file = VersionFile(path: record.place.fileName, try batch.putFile(stage.file))
            guard file.digest == record.file else {
                throw LetheError(
                    code: .integrity, message: "The file of \(record.place) was changed.",
                    remedy: "Remove \(stage.file.path) and run the same command again.")
            }
            return StoredStage(record: record, file: file)
        }
    }

    static func run(
        _ trained: [(outcome: SavedStage, file: URL)], recipe: Recipe, seed: Int,
        dataset: DatasetReference
    ) throws(LetheError) -> RunDescription? {
        guard let first = trained.first?.outcome else { return nil }
        return RunDescription(
            recipe: recipe.name, recipeDigest: try recipe.digest(), method: recipe.method,
            parameters: first.parameters, seed: seed, dataset: dataset,
            selection: "nothing was selected: the last weights of every stage are kept",
            environment: first.environment,
            stepCount: trained.reduce(0) { $0 + $1.outcome.stepCount }, goalReached: true,
            selectionFigures: [:])
    }
}
