internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// A folder that somebody wants to publish: which of its files a version takes.
struct ModelFolder {
    /// The files of a version, by their name in the folder.
    static let required = ["config.json"]
    static let optional = ["preprocessor_config.json", PruningMask.fileName, ModelCard.name]
    private static let pickles = [".pth", ".pt", ".bin", ".ckpt", ".pkl"]

    let url: URL
    let names: [String]
    /// Whether it holds an adapter and not a whole model.
    let isAdapter: Bool

    /// Looks at a folder.
    ///
    /// - Throws: `notFound` naming what is missing, `unsupported` for a pickle.
    init(_ url: URL) throws(LetheError) {
        self.url = url
        let found: [String]
        do {
            found = try FileManager.default.contentsOfDirectory(atPath: url.path)
        } catch {
            throw LetheError(
                code: .notFound, message: "There is no model folder \(url.path).",
                remedy: "Name a folder with config.json and model.safetensors.", cause: error)
        }
        isAdapter = AdapterFolder.isOne(found)
        let weightsName = isAdapter ? AdapterFolder.weightsName : VersionTree.weightsName
        let isSharded = found.contains(ShardIndex.name)
        if !found.contains(weightsName), !isSharded,
            let pickle = found.first(where: { name in Self.pickles.contains { name.hasSuffix($0) } }
            )
        {
            throw Self.refused(pickle: pickle, insteadOf: weightsName)
        }
        let required =
            isAdapter
            ? AdapterFolder.required : Self.required + (isSharded ? [] : [weightsName])
        if let missing = required.first(where: { !found.contains($0) }) {
            throw LetheError(
                code: .notFound, message: "\(url.path) has no \(missing).",
                remedy: "A model folder has config.json, model.safetensors and, usually, "
                    + "preprocessor_config.json; an adapter's has adapter_config.json and "
                    + "adapter_model.safetensors.")
        }
        let shards = isSharded && !isAdapter ? try Self.shards(of: url, among: found) : []
        names = (required + shards + Self.optional).filter(found.contains)
        guard names.contains(PruningMask.fileName) else { return }
        guard !isAdapter, !isSharded else {
            throw LetheError(
                code: .unsupported,
                message: "\(PruningMask.fileName) belongs to a model of one weights file.",
                remedy: "Remove it, or save the model as one file.")
        }
        try MaskFile.check(in: url)
    }

    /// The index and its shards, checked against each other.
    private static func shards(
        of url: URL, among found: [String]
    ) throws(LetheError) -> [String] {
        guard !found.contains(VersionTree.weightsName) else {
            throw LetheError(
                code: .malformed,
                message: "\(url.path) has both \(VersionTree.weightsName) and \(ShardIndex.name).",
                remedy: "Keep the one that the model is made of.")
        }
        let bytes = try StoreFiles().readFile(
            url.appending(path: ShardIndex.name), limitBytes: ShardIndex.limitBytes)
        let index = try ShardIndex(parsing: bytes)
        let names = Set(index.shardNames)
        if let stray = found.filter(ShardIndex.isShard).filter({ !names.contains($0) }).min() {
            throw LetheError(
                code: .malformed, message: "\(stray) is a shard that the index does not name.",
                remedy: "Remove it, or fetch the model again.")
        }
        try index.check(in: url)
        return [ShardIndex.name] + index.shardNames
    }

    private static func refused(pickle: String, insteadOf name: String) -> LetheError {
        LetheError(
            code: .unsupported,
            message: "\(pickle) is a Python pickle, which can run any code when it is opened.",
            remedy: "Convert it where you trust it: python -c \"import torch, safetensors.torch as "
                + "s; s.save_file(torch.load('\(pickle)', weights_only=True), "
                + "'\(name)')\"")
    }
}
