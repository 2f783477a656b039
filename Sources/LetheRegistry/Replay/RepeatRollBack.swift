internal import LetheRecords
internal import LetheStorage

extension Registry {
    /// Works out once more, from the parent's stages and the list of what was deleted, what is left
    /// to serve.
    func repeatRollBack(
        of version: Version, after parent: Version
    ) throws(LetheError) -> ReplayReport {
        let before = try shards(of: parent)
        guard let request = try requests(of: version).last else {
            throw Self.inconsistent(version, "it was rolled back for no request")
        }
        let after = before.without(
            try deletion(of: request.id, in: version), plan: try plan(of: parent, before))
        return ReplayReport(
            version: version, compared: .ensemble,
            recorded: try shards(of: version).ensemble.digest(),
            repeated: try after.ensemble.digest(), differences: [])
    }
}

extension ShardState {
    /// What is left when samples are deleted: each slice that holds one is given up.
    func without(_ deletion: Deletion, plan: ShardPlanRecord) -> ShardState {
        let hit = Set(plan.slices(holding: deletion.commitments))
        return ShardState(
            plan: plan, planDigest: self.plan, base: base, stages: stages,
            deletedSlices: Array(hit.union(deletedSlices)))
    }
}
