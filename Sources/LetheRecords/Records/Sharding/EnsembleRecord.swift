/// What a consumer needs to run a sharded version: `ensemble.json`.
///
/// The answer is the mean of the members' scores. A member is the base with one file laid over it:
/// the head, and `W + scale * B A` for each layer with `lora_A` and `lora_B`.
public struct EnsembleRecord: Record {
    /// The schema's name.
    public static let schemaName = "lethe.ensemble.v1"
    /// The file in a version.
    public static let fileName = "ensemble.json"
    /// The schema's name, as written.
    public var schema = schemaName
    /// The base's weights.
    public var base: EnsembleFile
    /// What is laid over it, a file for each shard that lives.
    public var members: [EnsembleFile]
    /// How the members' answers become one: `mean-of-scores`.
    public var combination: String

    /// Describes an ensemble.
    public init(base: EnsembleFile, members: [EnsembleFile]) {
        self.base = base
        self.members = members
        combination = Self.meanOfScores
    }

    /// The one combination there is.
    public static let meanOfScores = "mean-of-scores"

    /// Where a version has the file of a shard.
    public static func memberPath(ofShard shard: Int) -> String {
        "shard-\(shard)/adapter_model.safetensors"
    }
}

/// A file of an ensemble.
public struct EnsembleFile: Codable, Sendable, Equatable {
    /// The path beside `ensemble.json`.
    public var path: String
    /// SHA-256 of the file.
    public var digest: Digest

    /// Names a file.
    public init(path: String, digest: Digest) {
        self.path = path
        self.digest = digest
    }
}
