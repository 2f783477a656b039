public import LetheRecords

/// The state of a model of shards and slices: which stage files exist, and what was deleted.
///
/// A deletion trains nothing: it moves what each shard serves to an earlier stage, and names the files
/// that must not be served any more (arXiv:2406.16257, section 3.1).
public struct ShardedSystem: Codable, Sendable, Hashable {
    /// The shards, slices and orders.
    public let plan: ShardPlan
    /// The plan's digest.
    public let planDigest: Digest
    /// The digest of the base's weights; the base must not have seen the plan's samples.
    public let base: Digest
    /// The stages that were trained, in the order in which they came.
    public private(set) var stages: [StageRecord] = []
    /// The slices that were deleted, in the order in which that happened.
    public private(set) var deletedSlices: [SlicePlace] = []

    /// A system of which nothing is trained yet.
    ///
    /// - Throws: `malformed` if the plan does not encode.
    public init(plan: ShardPlan, base: Digest) throws(LetheError) {
        self.plan = plan
        planDigest = try plan.digest()
        self.base = base
    }

    /// Reads a state from its canonical JSON.
    ///
    /// - Throws: `malformed` for other bytes, and for a state that cannot come about.
    public init(canonical bytes: [UInt8]) throws(LetheError) {
        let read = try CanonicalJSON.decode(ShardedSystem.self, from: bytes)
        try self.init(
            plan: try ShardPlan(canonical: CanonicalJSON.encode(read.plan)), base: read.base)
        guard planDigest == read.planDigest else {
            throw LetheError(
                code: .malformed, message: "The state of the shards names another plan than it has."
            )
        }
        do {
            for stage in read.stages { try add(stage) }
        } catch {
            throw LetheError(
                code: .malformed, message: "The state of the shards is not one.", cause: error)
        }
        for place in read.deletedSlices {
            guard plan.shards.indices.contains(place.shard),
                (0..<plan.sliceCount).contains(place.slice),
                !deletedSlices.contains(place)
            else {
                throw LetheError(
                    code: .malformed,
                    message: "The state names a slice that its plan does not have.")
            }
            deletedSlices.append(place)
        }
    }

    /// Takes in a stage that was trained.
    ///
    /// - Throws: `alreadyExists`, `refused` for a stage that saw a deleted slice, `integrity` for one
    ///   of another plan or base, or that does not continue a stage of this system.
    public mutating func add(_ stage: StageRecord) throws(LetheError) {
        try requireTrainable(stage.place)
        let parent = stage.place.parent.flatMap { record(of: $0)?.file }
        guard stage.base == base, stage.plan == planDigest, stage.parent == parent,
            stage.slices == plan.slices(of: stage.place)
        else {
            throw LetheError(
                code: .integrity,
                message:
                    "\(stage.place) belongs to another plan or base, or continues another file.",
                remedy: "Train the stage with this system.")
        }
        stages.append(stage)
    }

    /// Whether a stage may be trained now.
    ///
    /// - Throws: `notFound` for one that the plan does not have or whose parent is missing,
    ///   `alreadyExists`, `refused` if it would see a deleted slice.
    public func requireTrainable(_ place: StagePlace) throws(LetheError) {
        guard let slices = plan.slices(of: place) else {
            throw LetheError(
                code: .notFound, message: "The plan has no \(place).",
                remedy: "Name a shard, a sequence and a stage of the plan.")
        }
        guard record(of: place) == nil else {
            throw LetheError(code: .alreadyExists, message: "\(place) is trained already.")
        }
        if let slice = slices.first(where: deletedSlices(of: place.shard).contains) {
            throw LetheError(
                code: .refused,
                message: "\(place) would be trained on slice \(slice), which is deleted.",
                remedy: "Train another sequence, or make a new plan without the deleted samples.")
        }
        if let parent = place.parent, record(of: parent) == nil {
            throw LetheError(
                code: .notFound, message: "\(place) continues \(parent), which is not trained.",
                remedy: "Train the stages of a sequence in order.")
        }
    }

    /// The stages that are still to be trained and may be, shallow ones first, so that every sequence
    /// lives as early as possible.
    public var pendingStages: [StagePlace] {
        (1...max(1, plan.sliceCount)).flatMap { stage in
            plan.shards.indices.flatMap { shard in
                plan.shards[shard].sequences.indices
                    .map { StagePlace(shard: shard, sequence: $0, stage: stage) }
            }
        }.filter { place in
            record(of: place) == nil
                && deletedSlices(of: place.shard).isDisjoint(with: plan.slices(of: place) ?? [])
        }
    }

    /// The record of a stage, if it is trained.
    public func record(of place: StagePlace) -> StageRecord? {
        stages.first { $0.place == place }
    }

    /// The deleted slices of a shard.
    public func deletedSlices(of shard: Int) -> Set<Int> {
        Set(deletedSlices.filter { $0.shard == shard }.map(\.slice))
    }

    /// Remembers that a slice was deleted.
    mutating func markDeleted(_ place: SlicePlace) {
        if !deletedSlices.contains(place) { deletedSlices.append(place) }
    }

    /// The files that saw a deleted slice: never to be served again, and better removed.
    public var revokedStages: [StageRecord] {
        stages.filter { !deletedSlices(of: $0.place.shard).isDisjoint(with: $0.slices) }
    }
}
