public import LetheRecords
public import LetheStorage

/// A version as the lineage has it.
public struct Version: Sendable {
    /// The commit.
    public let commit: CommitID
    /// The commit it follows; nil for the first version of a line.
    public let parent: CommitID?
    /// What it is and how it was made.
    public let manifest: VersionManifest
    /// The digest of the manifest's bytes, by which others refer to this version.
    public let manifestDigest: Digest

    /// `faces@v3`.
    public var name: String { "\(manifest.model)@v\(manifest.number)" }

    /// The weights file.
    ///
    /// - Throws: `unsupported` for an adapter or a model in shards; `malformed` if the version has none.
    func weights() throws(LetheError) -> VersionFile {
        guard let file = manifest.files.first(where: { $0.path == VersionTree.weightsName }) else {
            if manifest.files.contains(where: { $0.path == AdapterFolder.weightsName }) {
                throw LetheError(
                    code: .unsupported, message: "\(name) is an adapter and no whole model.",
                    remedy: "Merge it into its base with PEFT's merge_and_unload, and publish "
                        + "that model.")
            }
            if manifest.files.contains(where: { $0.path == ShardIndex.name }) {
                throw LetheError(
                    code: .unsupported,
                    message: "\(name) is stored in shards; this works on one weights file only.",
                    remedy: "Save the model as one file (save_pretrained with a larger "
                        + "max_shard_size), and publish that.")
            }
            throw LetheError(
                code: .malformed, message: "\(name) has no \(VersionTree.weightsName).",
                remedy: "Run lethe fsck.")
        }
        return file
    }

    /// The file that a judgement is about: the record of an ensemble, or the weights.
    ///
    /// - Throws: as `weights()`.
    func judged() throws(LetheError) -> VersionFile {
        if let file = manifest.files.first(where: { $0.path == EnsembleRecord.fileName }) {
            return file
        }
        return try weights()
    }

    /// The requests that a judge can measure on a test split.
    ///
    /// What a sharded version has deleted is proved, and a request for samples has no test images.
    func measurable(_ requests: [ForgetRequest]) -> [ForgetRequest] {
        manifest.shards == nil ? requests : requests.filter { !$0.classes.isEmpty }
    }
}
