/// What a sharded version is made of: every stage that was ever trained, and what became of it.
public struct ShardState: Codable, Sendable, Equatable {
    /// The digest of the plan's public part.
    public var plan: Digest
    /// The digest of the base's weights.
    public var base: Digest
    /// Every stage, ordered by its place.
    public var stages: [StoredStage]
    /// The slices that hold a deleted sample, ascending; all of each is given up.
    public var deletedSlices: [SlicePlace]
    /// The files of stages that saw a deleted slice: never served again, and better removed.
    public var revoked: [Digest]
    /// What each shard serves, by the digest of its file; shards that serve nothing are missing.
    public var served: [ServedStage]
    /// How many sequences of each shard can still be served from.
    public var livingSequenceCounts: [Int]
    /// What a person has to look at, in words.
    public var alarms: [String]

    /// Derives everything from the stages and the slices that are given up.
    public init(
        plan: ShardPlanRecord, planDigest: Digest, base: Digest, stages: [StoredStage],
        deletedSlices: [SlicePlace]
    ) {
        self.plan = planDigest
        self.base = base
        self.stages = stages.sorted { $0.record.place < $1.record.place }
        self.deletedSlices = deletedSlices.sorted()
        let gone = Set(deletedSlices)
        func isClean(_ stage: StoredStage) -> Bool {
            let shard = stage.record.place.shard
            return !stage.record.slices.contains {
                gone.contains(SlicePlace(shard: shard, slice: $0))
            }
        }
        let clean = self.stages.filter(isClean)
        revoked = self.stages.filter { !isClean($0) }.map(\.record.file).sorted()
        let shards = plan.shards.indices
        served = shards.compactMap { shard in
            Self.longest(clean.map(\.record).filter { $0.place.shard == shard })
        }
        let living = shards.map { shard in
            Set(clean.map(\.record.place).filter { $0.shard == shard }.map(\.sequence)).count
        }
        livingSequenceCounts = living
        alarms = Self.alarms(living, minimum: plan.sequenceMinimum)
    }

    /// The longest clean prefix, the first of equals.
    private static func longest(_ stages: [StageRecord]) -> ServedStage? {
        let best = stages.max { left, right in
            (left.place.stage, right.place.sequence) < (right.place.stage, left.place.sequence)
        }
        return best.map { ServedStage(shard: $0.place.shard, file: $0.file) }
    }

    private static func alarms(_ living: [Int], minimum: Int) -> [String] {
        let ofShards: [String] = living.enumerated().compactMap { shard, count in
            if count == 0 { return "shard \(shard) serves nothing: all its sequences are dead" }
            if count >= minimum { return nil }
            return "shard \(shard) has \(count) living \(count == 1 ? "sequence" : "sequences"), "
                + "fewer than \(minimum)"
        }
        let isDead = living.allSatisfy { $0 == 0 }
        return ofShards + (isDead ? ["no shard serves anything: train anew"] : [])
    }

    /// The stages that never saw a deleted slice.
    public var cleanStages: [StoredStage] {
        let gone = Set(revoked)
        return stages.filter { !gone.contains($0.record.file) }
    }

    /// The stage of a file.
    public func stage(_ file: Digest) -> StoredStage? { stages.first { $0.record.file == file } }

    /// The stages from a served one down to the base; shorter where one is missing.
    public func chain(from served: ServedStage) -> [StageRecord] {
        var chain: [StageRecord] = []
        var next = stage(served.file)?.record
        while let stage = next, chain.count < stages.count {
            chain.append(stage)
            next = stage.parent.flatMap { self.stage($0)?.record }
        }
        return chain
    }

    /// How many slices what is served was trained on, over all shards.
    public var contributingSliceCount: Int {
        served.reduce(0) { $0 + (stage($1.file)?.record.slices.count ?? 0) }
    }
}

/// A stage's file in the store.
public struct StoredStage: Codable, Sendable, Equatable {
    /// What the file says about itself.
    public var record: StageRecord
    /// The file; its path is the name of the stage's file.
    public var file: VersionFile

    /// Names a stage and its file.
    public init(record: StageRecord, file: VersionFile) {
        self.record = record
        self.file = file
    }
}

/// What a shard serves.
public struct ServedStage: Codable, Sendable, Equatable {
    /// The shard.
    public var shard: Int
    /// The stage's file.
    public var file: Digest

    /// Names a stage that is served.
    public init(shard: Int, file: Digest) {
        self.shard = shard
        self.file = file
    }
}
