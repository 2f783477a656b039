/// One slice of a shard.
public struct SlicePlace: Codable, Sendable, Hashable, Comparable {
    /// The shard, from 0.
    public let shard: Int
    /// The slice of the shard, from 0.
    public let slice: Int

    /// Names a slice.
    public init(shard: Int, slice: Int) {
        self.shard = shard
        self.slice = slice
    }

    /// Orders by shard, then by slice.
    public static func < (left: SlicePlace, right: SlicePlace) -> Bool {
        (left.shard, left.slice) < (right.shard, right.slice)
    }
}

/// One stage of training: a place in the plan and in the name of its file.
public struct StagePlace: Codable, Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The shard, from 0.
    public let shard: Int
    /// The sequence of the shard, from 0.
    public let sequence: Int
    /// The stage, from 1: how many slices it is trained on.
    public let stage: Int

    /// Names a stage.
    public init(shard: Int, sequence: Int, stage: Int) {
        self.shard = shard
        self.sequence = sequence
        self.stage = stage
    }

    /// The words for a person.
    public var description: String { "shard \(shard), sequence \(sequence), stage \(stage)" }
    /// The name of the stage's file.
    public var fileName: String { "shard-\(shard)-sequence-\(sequence)-stage-\(stage).safetensors" }
    /// The stage that this one continues; nil for the first.
    public var parent: StagePlace? {
        stage > 1 ? StagePlace(shard: shard, sequence: sequence, stage: stage - 1) : nil
    }

    /// Orders by shard, then by sequence, then by stage.
    public static func < (left: StagePlace, right: StagePlace) -> Bool {
        (left.shard, left.sequence, left.stage) < (right.shard, right.sequence, right.stage)
    }
}
