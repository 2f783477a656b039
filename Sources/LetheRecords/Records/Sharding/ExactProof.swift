/// Why a version never saw what was deleted: the ancestry of everything that it serves.
///
/// It is the part of a certificate that claims exactness. `contradiction` needs the certificate
/// alone; `contradiction(plan:deletions:ensemble:)` compares it with the files of the version.
public struct ExactProof: Codable, Sendable, Equatable {
    /// The digest of `s3t-plan.json`.
    public var plan: Digest
    /// The digest of the base's weights.
    public var base: Digest
    /// The lists of deleted samples, one for each request, oldest first.
    public var deletions: [RequestReference]
    /// The slices that hold any of them, ascending.
    public var deletedSlices: [SlicePlace]
    /// What each living shard serves, the served stage first and the one that began at the base last.
    public var members: [ExactMember]

    /// Puts a proof together.
    public init(
        plan: Digest, base: Digest, deletions: [RequestReference], deletedSlices: [SlicePlace],
        members: [ExactMember]
    ) {
        self.plan = plan
        self.base = base
        self.deletions = deletions
        self.deletedSlices = deletedSlices
        self.members = members
    }
}

/// One shard's part of a proof.
public struct ExactMember: Codable, Sendable, Equatable {
    /// The shard.
    public var shard: Int
    /// The stages, the served one first.
    public var stages: [StageRecord]

    /// Names what a shard serves.
    public init(shard: Int, stages: [StageRecord]) {
        self.shard = shard
        self.stages = stages
    }
}

extension ExactProof {
    /// What speaks against the chains themselves, in a clause for a person; nil if nothing does.
    public var contradiction: String? {
        if members.isEmpty { return "it serves nothing" }
        if zip(members, members.dropFirst()).contains(where: { $0.shard >= $1.shard }) {
            return "its shards are not in order, each once"
        }
        if deletedSlices != Array(Set(deletedSlices)).sorted() {
            return "its deleted slices are not in order, each once"
        }
        for member in members {
            if let reason = contradiction(in: member) { return reason }
        }
        return nil
    }

    private func contradiction(in member: ExactMember) -> String? {
        let stages = member.stages
        guard let served = stages.first?.place, served.stage == stages.count else {
            return "the chain of shard \(member.shard) does not lead to the base"
        }
        for (number, stage) in stages.enumerated() {
            let place = StagePlace(
                shard: member.shard, sequence: served.sequence, stage: stages.count - number)
            if stage.place != place { return "\(stage.place) stands where \(place) has to be" }
            if stage.base != base { return "\(stage.place) has another base" }
            if stage.plan != plan { return "\(stage.place) is of another plan" }
            let parent = number + 1 < stages.count ? stages[number + 1] : nil
            if stage.parent != parent?.file {
                return "\(stage.place) continues another file than the next of the chain"
            }
            if stage.slices.count != place.stage || Set(stage.slices).count != place.stage
                || Array(stage.slices.dropLast()) != (parent?.slices ?? [])
            {
                return "\(stage.place) does not add one slice to the stage before"
            }
            for slice in stage.slices
            where deletedSlices.contains(SlicePlace(shard: member.shard, slice: slice)) {
                return "\(stage.place) was trained on slice \(slice), which is deleted"
            }
        }
        return nil
    }

    /// What speaks against the proof once its plan, lists and ensemble are at hand; nil if nothing
    /// does.
    ///
    /// Whoever calls has compared their digests.
    public func contradiction(
        plan: ShardPlanRecord, deletions: [Deletion], ensemble: EnsembleRecord
    ) -> String? {
        if let contradiction { return contradiction }
        if deletions.map(\.request) != self.deletions.map(\.id) {
            return "its lists of deleted samples are those of other requests"
        }
        let deleted = deletions.reduce(into: Set<Digest>()) { $0.formUnion($1.commitments) }
        if plan.slices(holding: deleted) != deletedSlices {
            return "the slices that hold the deleted samples are others"
        }
        for stage in members.flatMap(\.stages) {
            guard plan.shards.indices.contains(stage.place.shard),
                stage.slices.allSatisfy((0..<plan.sliceCount).contains)
            else { return "the plan has no slices of \(stage.place)" }
        }
        let files = members.map {
            EnsembleFile(
                path: EnsembleRecord.memberPath(ofShard: $0.shard),
                digest: $0.stages.first?.file ?? base)
        }
        if ensemble.members != files || ensemble.base.digest != base
            || ensemble.combination != EnsembleRecord.meanOfScores
        {
            return "the ensemble serves other files"
        }
        return nil
    }
}
