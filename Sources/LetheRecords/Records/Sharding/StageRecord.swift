/// What a stage's file says about itself, and its digest: enough to know which slices it ever saw.
public struct StageRecord: Codable, Sendable, Hashable {
    /// The digest of the file's bytes.
    public let file: Digest
    /// The digest of the base's weights.
    public let base: Digest
    /// The digest of the plan.
    public let plan: Digest
    /// Which stage it is.
    public let place: StagePlace
    /// The slices of its shard that it was trained on, all stages before it included.
    public let slices: [Int]
    /// The digest of the file of the stage before; nil for the first stage, which starts from the base.
    public let parent: Digest?

    /// Describes a stage.
    public init(
        file: Digest, base: Digest, plan: Digest, place: StagePlace, slices: [Int],
        parent: Digest?
    ) {
        self.file = file
        self.base = base
        self.plan = plan
        self.place = place
        self.slices = slices
        self.parent = parent
    }
}

extension StageRecord {
    /// What the metadata names its kind by.
    public static let kind = "lethe.s3t-stage.v1"

    /// Reads the metadata of a stage's safetensors file.
    ///
    /// - Parameters:
    ///   - metadata: The `__metadata__` of the file's header.
    ///   - file: The digest of the file's bytes.
    ///   - name: What to call the file in an error.
    /// - Throws: `malformed` if it is no stage's file.
    public init(
        metadata: [String: String], file: Digest, named name: String
    ) throws(LetheError) {
        func text(_ key: String) throws(LetheError) -> String {
            guard let text = metadata[key] else { throw Self.malformed(name, key) }
            return text
        }
        func number(_ key: String) throws(LetheError) -> Int {
            guard let number = Int(try text(key)) else { throw Self.malformed(name, key) }
            return number
        }
        func digest(_ key: String) throws(LetheError) -> Digest {
            guard let digest = Digest(try text(key)) else { throw Self.malformed(name, key) }
            return digest
        }
        guard try text("kind") == Self.kind else { throw Self.malformed(name, "kind") }
        let words = try text("slices").split(separator: ",", omittingEmptySubsequences: false)
        let slices = words.compactMap { Int($0) }
        guard slices.count == words.count else { throw Self.malformed(name, "slices") }
        self.init(
            file: file, base: try digest("base"), plan: try digest("plan"),
            place: StagePlace(
                shard: try number("shard"), sequence: try number("sequence"),
                stage: try number("stage")),
            slices: slices, parent: metadata["parent"] == nil ? nil : try digest("parent"))
    }

    /// The metadata of a stage's file that is about to be written.
    public static func metadata(
        base: Digest, plan: Digest, place: StagePlace, slices: [Int], parent: Digest?
    ) -> [String: String] {
        var metadata = [
            "format": "pt", "kind": kind, "base": base.description, "plan": plan.description,
            "shard": "\(place.shard)", "sequence": "\(place.sequence)", "stage": "\(place.stage)",
            "slices": slices.map(String.init).joined(separator: ","),
        ]
        if let parent { metadata["parent"] = parent.description }
        return metadata
    }

    private static func malformed(_ file: String, _ key: String) -> LetheError {
        LetheError(
            code: .malformed,
            message: "\(file) is no file of a stage: its metadata has no right \"\(key)\".",
            remedy: "Give a file that the training of a stage wrote.")
    }
}
