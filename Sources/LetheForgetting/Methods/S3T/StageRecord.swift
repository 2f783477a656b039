public import Foundation
public import LetheRecords
import LetheTensor

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
}

extension StageRecord {
    /// What the metadata names its kind by.
    static let kind = "lethe.s3t-stage.v1"

    /// Reads the header of a stage's file and hashes the file.
    ///
    /// - Throws: `malformed` if it is no stage's file, `io`.
    public init(reading url: URL) throws(LetheError) {
        let metadata = try Safetensors.open(url).header.metadata
        func text(_ name: String) throws(LetheError) -> String {
            guard let text = metadata[name] else { throw Self.malformed(url, name) }
            return text
        }
        func number(_ name: String) throws(LetheError) -> Int {
            guard let number = Int(try text(name)) else { throw Self.malformed(url, name) }
            return number
        }
        func digest(_ name: String) throws(LetheError) -> Digest {
            guard let digest = Digest(try text(name)) else { throw Self.malformed(url, name) }
            return digest
        }
        guard try text("kind") == Self.kind else { throw Self.malformed(url, "kind") }
        let words = try text("slices").split(separator: ",", omittingEmptySubsequences: false)
        slices = words.compactMap { Int($0) }
        guard slices.count == words.count else { throw Self.malformed(url, "slices") }
        base = try digest("base")
        plan = try digest("plan")
        place = StagePlace(
            shard: try number("shard"), sequence: try number("sequence"),
            stage: try number("stage"))
        parent = metadata["parent"] == nil ? nil : try digest("parent")
        file = try FileDigest.of(url)
    }

    /// The metadata of a stage's file that is about to be written.
    static func metadata(
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

    private static func malformed(_ url: URL, _ name: String) -> LetheError {
        LetheError(
            code: .malformed,
            message: "\(url.lastPathComponent) is no file of a stage: its metadata has no right "
                + "\"\(name)\".",
            remedy: "Give a file that the training of a stage wrote.")
    }
}
