internal import Foundation
internal import LetheRecords

/// A folder that somebody wants to publish: which of its files a version takes.
struct ModelFolder {
    /// The files of a version, by their name in the folder.
    static let required = ["config.json", VersionTree.weightsName]
    static let optional = ["preprocessor_config.json", ModelCard.name]
    private static let pickles = [".pth", ".pt", ".bin", ".ckpt", ".pkl"]

    let url: URL
    let names: [String]

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
        if !found.contains(VersionTree.weightsName),
            let pickle = found.first(where: { name in Self.pickles.contains { name.hasSuffix($0) } }
            )
        {
            throw Self.refused(pickle: pickle)
        }
        if let missing = Self.required.first(where: { !found.contains($0) }) {
            throw LetheError(
                code: .notFound, message: "\(url.path) has no \(missing).",
                remedy: "A model folder has config.json, model.safetensors and, usually, "
                    + "preprocessor_config.json.")
        }
        names = (Self.required + Self.optional).filter(found.contains)
    }

    private static func refused(pickle: String) -> LetheError {
        LetheError(
            code: .unsupported,
            message: "\(pickle) is a Python pickle, which can run any code when it is opened.",
            remedy: "Convert it where you trust it: python -c \"import torch, safetensors.torch as "
                + "s; s.save_file(torch.load('\(pickle)', weights_only=True), "
                + "'model.safetensors')\"")
    }
}
