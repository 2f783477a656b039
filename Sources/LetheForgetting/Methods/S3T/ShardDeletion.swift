public import LetheRecords

/// What a person has to look at after a deletion.
public enum ShardAlarm: Sendable, Hashable {
    /// Fewer sequences of a shard can be served than there should be: each can be killed by one
    /// request that hits its first slice.
    case fewSequences(shard: Int, aliveCount: Int)
    /// A shard has nothing left to serve and takes no part in the ensemble.
    case deadShard(shard: Int)
    /// No shard has anything left to serve: the system has to be trained anew.
    case deadSystem
}

/// What a deletion did.
public struct DeletionOutcome: Sendable, Hashable {
    /// The slice that held the sample; all of it is given up.
    public let slice: SlicePlace
    /// What each shard serves now; nil for a dead one.
    public let served: [StageRecord?]
    /// Every file that ever saw the slice: the dirty stages and all that continue them.
    public let revoked: [StageRecord]
    /// What a person has to look at.
    public let alarms: [ShardAlarm]
}

extension ShardedSystem {
    /// Gives up the slice of a sample: cuts every sequence of its shard just before it.
    ///
    /// - Parameter alarmThreshold: The number of living sequences below which a shard is reported.
    ///   Ours; methods.md 2.7.
    /// - Throws: `notFound` for a sample that is in no slice.
    public mutating func delete(
        _ sample: SamplePosition, alarmThreshold: Int = 2
    ) throws(LetheError) -> DeletionOutcome {
        guard let place = plan.place(of: sample) else {
            throw LetheError(
                code: .notFound,
                message:
                    "Sample \(sample.index) of split \(sample.split) is in no slice of the plan.",
                remedy: "Name a sample of the training set that the plan was made for.")
        }
        markDeleted(place)
        return DeletionOutcome(
            slice: place, served: plan.shards.indices.map { served(by: $0) },
            revoked: stages.filter {
                $0.place.shard == place.shard && $0.slices.contains(place.slice)
            }, alarms: alarms(threshold: alarmThreshold))
    }

    /// What a shard serves: its longest clean prefix that is trained, the first of equals; nil for a
    /// dead shard.
    public func served(by shard: Int) -> StageRecord? {
        let counts = servableCounts(of: shard)
        guard let longest = counts.max(), longest > 0, let sequence = counts.firstIndex(of: longest)
        else { return nil }
        return record(of: StagePlace(shard: shard, sequence: sequence, stage: longest))
    }

    /// How many stages of each sequence of a shard are trained and clean.
    public func servableCounts(of shard: Int) -> [Int] {
        var rest = ShardSequences(plan.shards[shard].sequences)
        for slice in deletedSlices(of: shard) { rest.delete(slice: slice) }
        return rest.cleanCounts.enumerated().map { sequence, clean in
            let trained = stages.filter {
                $0.place.shard == shard && $0.place.sequence == sequence
            }.count
            return min(clean, trained)
        }
    }

    /// The slices that what is served was trained on, over all shards.
    public var contributingSlices: [SlicePlace] {
        plan.shards.indices.flatMap { shard in
            (served(by: shard)?.slices ?? []).map { SlicePlace(shard: shard, slice: $0) }
        }
    }

    /// What a person has to look at as things stand.
    public func alarms(threshold: Int) -> [ShardAlarm] {
        let alive = plan.shards.indices.map { servableCounts(of: $0).count { $0 > 0 } }
        let ofShards: [ShardAlarm] = alive.enumerated().compactMap { shard, count in
            if count == 0 { return .deadShard(shard: shard) }
            return count < threshold ? .fewSequences(shard: shard, aliveCount: count) : nil
        }
        return ofShards + (alive.allSatisfy { $0 == 0 } ? [.deadSystem] : [])
    }

    /// The clean ancestry of what a shard serves.
    ///
    /// - Throws: `notFound` for a dead shard.
    public func proof(for shard: Int) throws(LetheError) -> StageProof {
        guard let served = served(by: shard) else {
            throw LetheError(
                code: .notFound,
                message: "Shard \(shard) serves nothing, so nothing is to be proved.",
                remedy: "Train the shard anew.")
        }
        let chain = (1...served.place.stage).reversed().compactMap { stage in
            record(
                of: StagePlace(shard: shard, sequence: served.place.sequence, stage: stage))
        }
        return StageProof(
            shard: shard, deletedSlices: deletedSlices(of: shard).sorted(), stages: chain)
    }
}
