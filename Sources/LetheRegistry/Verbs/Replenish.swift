internal import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Trains replacements for dead sequences on the slices that nothing was deleted from, and writes
    /// the next version, which serves them where they are longer.
    ///
    /// A shard gets as many living sequences as it was planned with, or as it has clean slices if
    /// those are fewer; each begins with another slice. Ours: the paper leaves dead sequences dead.
    ///
    /// - Throws: `alreadyExists` if no sequence is to be replaced; `interrupted` when cancelled: the
    ///   same command then goes on where it stopped; `conflict` if another writer was first.
    public func replenish(
        _ model: String, place: RunPlace, engine: any ShardEngine, keys: KeyFolder,
        now: Timestamp, progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Version {
        try requireWritable(by: keys)
        let parent = try resolve(Revision(model), fallback: "latest")
        let before = try shards(of: parent)
        let plan = try plan(of: parent, before)
        let secret = try PrivateShardPlan.read(
            for: plan, before.plan, keys: keys, files: storage.files)
        let sequences = before.replacements(for: plan)
        guard !sequences.isEmpty else {
            throw LetheError(
                code: .alreadyExists, message: "\(parent.name) has no sequence to replace.",
                remedy: "Nothing is to be done; lethe show \(model) lists the living sequences.")
        }
        let (recipe, run) = try recipe(of: model)
        try requireSameData(plan)
        let work = try workFolder()
        let modelFolder = try work.folder("model")
        try materialise(parent, into: modelFolder, progress: progress)
        try? FileManager.default.removeItem(
            at: modelFolder.appending(path: EnsembleRecord.fileName))
        let pending = try PendingRun(
            kind: "replenish", key: [parent.manifestDigest.hex, place.device, "\(place.threads)"],
            in: storage.layout, files: storage.files)
        let trained = try await StageTraining(
            engine: engine, modelFolder: modelFolder,
            dataset: try location(of: plan.dataset.name), plan: plan, secret: secret,
            base: before.base, recipe: recipe, seed: run.seed, place: place, folder: pending.url,
            files: storage.files, progress: progress
        ).run(sequences)
        let version = try write(
            trained, onto: parent, before, plan, recipe: recipe, run, keys: keys, now: now)
        pending.finish()
        return version
    }

    private func write(
        _ trained: [(outcome: SavedStage, file: URL)], onto parent: Version, _ before: ShardState,
        _ plan: ShardPlanRecord, recipe: Recipe, _ run: RunDescription, keys: KeyFolder,
        now: Timestamp
    ) throws(LetheError) -> Version {
        let batch = storage.objects.batch(of: parent.manifest.model)
        let stages = try put(trained, in: batch)
        let (base, texts) = try base(of: parent, forgotten: [], in: batch)
        return try write(
            ShardDraft(
                parent: parent, model: parent.manifest.model, operation: .finetune, base: base,
                texts: texts, plan: plan,
                state: ShardState(
                    plan: plan, planDigest: before.plan, base: before.base,
                    stages: before.stages + stages, deletedSlices: before.deletedSlices),
                deletions: parent.manifest.files.filter { $0.path.hasPrefix("deletions/") },
                requests: try requests(of: parent),
                run: try Self.run(trained, recipe: recipe, seed: run.seed, dataset: plan.dataset),
                summary: "Train \(stages.count) stages of replacements for "
                    + parent.manifest.model),
            objects: batch, keys: keys, now: now)
    }

    /// The recipe that the line was trained with, every value as it was.
    private func recipe(of model: String) throws(LetheError) -> (Recipe, RunDescription) {
        let first = try firstVersion(of: model)
        guard let run = first.manifest.run else {
            throw Self.inconsistent(first, "it does not say how it was trained")
        }
        return (
            Recipe(
                name: run.recipe, method: run.method,
                description: "As recorded by \(first.name).", parameters: run.parameters), run
        )
    }

    private func requireSameData(_ plan: ShardPlanRecord) throws(LetheError) {
        guard try dataset(named: plan.dataset.name).reference != plan.dataset else { return }
        throw LetheError(
            code: .conflict,
            message: "The dataset \"\(plan.dataset.name)\" is not the one that the model was "
                + "planned for: its samples stand elsewhere now.",
            remedy: "Add the old data again, or train a new model under another name.")
    }
}

extension ShardState {
    /// Orders of clean slices for the sequences that are missing, numbered on from those there are.
    func replacements(for plan: ShardPlanRecord) -> [StageSequence] {
        let gone = Set(deletedSlices)
        return plan.shards.indices.flatMap { shard in
            let clean = (0..<plan.sliceCount).filter {
                !gone.contains(SlicePlace(shard: shard, slice: $0))
            }
            let wanted = min(plan.shards[shard].sequences.count, clean.count)
            let missing = max(0, wanted - livingSequenceCounts[shard])
            let records = stages.map(\.record).filter { $0.place.shard == shard }
            let heads = Set(
                cleanStages.map(\.record).filter { $0.place.shard == shard }
                    .compactMap(\.slices.first))
            let next = (records.map(\.place.sequence).max() ?? -1) + 1
            let starts = clean.indices.filter { !heads.contains(clean[$0]) }.prefix(missing)
            return starts.enumerated().map { offset, start in
                StageSequence(
                    shard: shard, number: next + offset,
                    slices: Array(clean[start...] + clean[..<start]))
            }
        }
    }
}
