public import Foundation

/// The throw-away Python environments that scripts make in the package; nil where they are not.
public enum PythonClients {
    private static let folders = [".venv-hub", ".venv-clients"]

    /// A Python with the Hugging Face client (scripts/hub-client or scripts/python-clients).
    public static var hub: URL? { folders.lazy.compactMap { python(in: $0) }.first }

    /// A Python with the validator of CycloneDX (scripts/hub-client).
    public static var validator: URL? { python(in: folders[0]) }

    /// A Python with ORAS's own library for Python (scripts/hub-client).
    public static var images: URL? { python(in: folders[0]) }

    /// An S3 server (scripts/s3-server).
    public static var bucketServer: URL? {
        let program = Locations.package.appending(path: ".venv-s3/bin/weed")
        return FileManager.default.isExecutableFile(atPath: program.path) ? program : nil
    }

    /// A Python with all these libraries (scripts/python-clients).
    public static func with(_ names: String...) -> URL? {
        guard let python = python(in: folders[1]) else { return nil }
        let library = python.deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "lib")
        let versions =
            (try? FileManager.default.contentsOfDirectory(
                at: library, includingPropertiesForKeys: nil)) ?? []
        let isWhole = versions.contains { version in
            names.allSatisfy { name in
                FileManager.default.fileExists(
                    atPath: version.appending(path: "site-packages/\(name)/__init__.py").path)
            }
        }
        return isWhole ? python : nil
    }

    /// What a script begins with that may import torchvision, as timm and transformers do where it is
    /// installed: PyPI's is built for CUDA, so beside a torch without it its operators are missing;
    /// nobody here needs them.
    public static let torchvisionPrelude = """
        import importlib.metadata, importlib.util, torch
        found = importlib.util.find_spec("torchvision") and importlib.metadata.version("torchvision")
        if found and "+" not in found and "+cpu" in torch.__version__:
            library = torch.library.Library("torchvision", "DEF")
            for name in ("nms", "qnms"):
                library.define(name + "(Tensor dets, Tensor scores, float limit) -> Tensor")
        """

    private static func python(in folder: String) -> URL? {
        let python = Locations.package.appending(path: "\(folder)/bin/python")
        return FileManager.default.isExecutableFile(atPath: python.path) ? python : nil
    }
}
