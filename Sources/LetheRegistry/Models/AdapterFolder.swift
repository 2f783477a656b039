internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// A folder with a low-rank adapter, as PEFT's `save_pretrained` writes it: `adapter_config.json`
/// and `adapter_model.safetensors`.
///
/// Lethe keeps and hands out adapters; it does not run them.
enum AdapterFolder {
    static let configurationName = "adapter_config.json"
    static let weightsName = "adapter_model.safetensors"
    static let required = [configurationName, weightsName]

    /// Whether a folder with these files is an adapter's: a whole model has a `config.json`.
    static func isOne(_ names: [String]) -> Bool {
        names.contains(configurationName) && !names.contains(VersionTree.configurationName)
    }

    /// What the adapter's configuration calls its base; nil if it says nothing.
    ///
    /// - Throws: `malformed` if the file is no JSON object.
    static func baseName(in url: URL) throws(LetheError) -> String? {
        let bytes = try StoreFiles().readFile(url.appending(path: configurationName))
        let configuration = try StrictJSON.parse(bytes)
        guard case .object = configuration else {
            throw LetheError(
                code: .malformed, message: "\(configurationName) in \(url.path) is no JSON object.",
                remedy: "Save the adapter again with PEFT's save_pretrained.")
        }
        return configuration["base_model_name_or_path"]?.stringValue
    }
}

extension Registry {
    /// The version that an adapter belongs to, by its digests; nil if this registry does not have
    /// it.
    ///
    /// The adapter's configuration names a model and, where that has more than one version, must
    /// say which: nobody but its author knows what it was trained on. Paths and names of other
    /// places, such as `google/vit-base`, are no models of this registry.
    ///
    /// - Parameter base: What the person named instead; it must be there.
    /// - Throws: `notFound` for a base that was named and is not there; `invalidArgument` for a
    ///   model of several versions without a revision.
    func base(
        of folder: ModelFolder, named base: Revision?
    ) throws(LetheError) -> BaseReference? {
        guard folder.isAdapter else { return nil }
        if let base { return try reference(to: base) }
        guard let name = try AdapterFolder.baseName(in: folder.url),
            let revision = try? Revision(name), let tip = try? tip(of: revision.model)
        else { return nil }
        guard revision.selector != nil || tip.manifest.number == 1 else {
            throw LetheError(
                code: .invalidArgument,
                message: "The adapter \(folder.url.path) names \(name) as its base, which has "
                    + "\(tip.manifest.number) versions.",
                remedy: "Say which one it was trained on, for example --base \(name)@v1.")
        }
        return try reference(to: revision)
    }

    private func reference(to revision: Revision) throws(LetheError) -> BaseReference {
        let version = try resolve(revision)
        return BaseReference(
            model: version.manifest.model, version: version.manifestDigest,
            weights: try version.weights().digest)
    }
}
