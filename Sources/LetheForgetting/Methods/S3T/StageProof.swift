public import LetheRecords

/// The clean ancestry of what a shard serves: every stage from the served one down to the base, with
/// the slices that each saw.
///
/// This is what an `exact` certificate has to carry.
public struct StageProof: Codable, Sendable, Hashable {
    /// The shard.
    public let shard: Int
    /// The slices of the shard that were deleted, ascending.
    public let deletedSlices: [Int]
    /// The served stage first, the one that started from the base last.
    public let stages: [StageRecord]

    /// Checks the chain against what the files say; no model is run and no sample is read.
    ///
    /// - Parameters:
    ///   - plan: The plan that the stages must be of.
    ///   - base: The digest of the base's weights.
    ///   - deletedSlices: The slices of the shard that must not have been seen, from a source that the
    ///     verifier trusts; those of the proof are added.
    ///   - files: What `StageRecord(reading:)` found in the stage files.
    /// - Throws: `refused` for a stage that saw a deleted slice, `notFound` for a missing file,
    ///   `integrity` for a broken chain.
    public func verify(
        plan: ShardPlan, base: Digest, deletedSlices: Set<Int>, files: [StageRecord]
    ) throws(LetheError) {
        let planDigest = try plan.digest()
        let found = Dictionary(files.map { ($0.file, $0) }) { first, _ in first }
        guard let served = stages.first?.place, served.shard == shard,
            served.stage == stages.count
        else { throw Self.broken("it does not lead from the served stage to the base") }
        for (number, stage) in stages.enumerated() {
            guard let file = found[stage.file] else {
                throw LetheError(
                    code: .notFound, message: "The file of \(stage.place) is not there.",
                    remedy: "Give the files of all stages of the proof.")
            }
            guard file == stage, stage.base == base, stage.plan == planDigest else {
                throw Self.broken("\(stage.place) is not what its file says, or of another plan")
            }
            let place = StagePlace(
                shard: shard, sequence: served.sequence, stage: stages.count - number)
            guard stage.place == place, stage.slices == plan.slices(of: place) else {
                throw Self.broken("\(stage.place) stands where \(place) has to be")
            }
            let parent = number + 1 < stages.count ? stages[number + 1].file : nil
            guard stage.parent == parent else {
                throw Self.broken(
                    "\(stage.place) continues another file than the next of the chain")
            }
            try refuseIfDirty(stage, deletedSlices.union(self.deletedSlices))
        }
    }

    private func refuseIfDirty(
        _ stage: StageRecord, _ deleted: Set<Int>
    ) throws(LetheError) {
        guard let slice = stage.slices.first(where: deleted.contains) else { return }
        throw LetheError(
            code: .refused,
            message: "\(stage.place) was trained on slice \(slice), which is deleted.",
            remedy: "Serve a stage from before that slice, and make its proof.")
    }

    private static func broken(_ reason: String) -> LetheError {
        LetheError(
            code: .integrity, message: "The chain of stages is broken: \(reason).",
            remedy: "Make the proof anew from the stage files.")
    }
}
