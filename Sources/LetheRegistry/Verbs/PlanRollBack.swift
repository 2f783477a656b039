public import LetheRecords

/// What an exact deletion from a sharded model would leave; nothing of it is done.
public struct RollBackPlan: Sendable {
    /// The version that would be the parent.
    public let version: Version
    /// The request as it would be, with another time and therefore another id.
    public let request: ForgetRequest
    /// What is served, alive and given up now.
    public let before: ShardState
    /// The same afterwards.
    public let after: ShardState
    /// What knows the data now, and what becomes of it.
    public let radius: BlastRadius

    /// Slices that the request would give up, all samples of each.
    public var lostSlices: [SlicePlace] {
        after.deletedSlices.filter { !before.deletedSlices.contains($0) }
    }
    /// Stages that would never be served again.
    public var lostStages: [StoredStage] {
        let gone = Set(after.revoked).subtracting(before.revoked)
        return after.stages.filter { gone.contains($0.record.file) }
    }
}

extension Registry {
    /// Whether a model is one that deletes by rolling back stages.
    public func isSharded(_ model: String) throws(LetheError) -> Bool {
        try resolve(Revision(model), fallback: "latest").manifest.shards != nil
    }

    /// Says what an order to forget would leave of a sharded model; changes nothing.
    ///
    /// - Throws: everything that `forget` throws for an order that makes no sense, also `refused`
    ///   if nothing would be left to serve.
    public func planRollBack(
        _ order: ForgetOrder, engine: any Engine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RollBackPlan {
        let parent = try resolve(Revision(order.model), fallback: "latest")
        let rollBack = try await rollBackOrder(
            order, onto: parent, engine: engine, keys: keys, progress: progress)
        let prepared = try prepare(rollBack, keys: keys, now: now)
        return RollBackPlan(
            version: parent, request: prepared.request, before: prepared.before,
            after: prepared.after, radius: try blastRadius(of: [prepared.request]))
    }

    /// An order to forget in the terms of a sharded model: its samples by their commitments.
    func rollBackOrder(
        _ order: ForgetOrder, onto parent: Version, engine: any Engine, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> RollBackOrder {
        let chosen = try await chosenSamples(
            order, dataset(named: order.dataset), earlier: requests(of: parent), lists: [:],
            engine: engine, keys: keys, progress: progress)
        return RollBackOrder(
            model: order.model, classes: order.classes,
            commitments: chosen?.list.commitments ?? [], dataset: order.dataset,
            reference: order.reference)
    }
}
