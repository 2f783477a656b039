internal import LetheRecords
internal import LetheStorage

/// A released version as an OCI image layout (image-spec 1.1) with the media types of ModelPack
/// (model-spec), which `oras` and `skopeo` copy to any container registry.
///
/// Every file is one layer, as it is. The same version gives the same bytes, whoever exports it; so
/// the proof that it is in the log, which grows with the log, is not among them.
struct ImageLayout {
    private static let manifestType = "application/vnd.oci.image.manifest.v1+json"
    private static let model = "application/vnd.cncf.model"

    let release: Release
    /// What `config.json` calls the architecture; nil for an adapter.
    let architecture: String?

    /// Writes the layout into an empty folder.
    ///
    /// - Parameter write: Writes a released file to a path of the folder, every byte verified.
    /// - Throws: `io`, `diskFull`; what `write` throws.
    func write(
        to folder: TargetFolder,
        _ write: (ReleasedFile, TreePath) throws(LetheError) -> Void
    ) throws(LetheError) {
        for file in release.files { try write(file, Self.path(of: file.digest)) }
        let configuration = try blob(
            configuration, type: "\(Self.model).config.v1+json", in: folder)
        let manifest = try blob(manifest(configuration), type: Self.manifestType, in: folder)
        var entry = manifest.objectValue ?? [:]
        entry["artifactType"] = .string("\(Self.model).manifest.v1+json")
        entry["annotations"] = .object(["org.opencontainers.image.ref.name": .string(tag)])
        try folder.write(
            CanonicalJSON.encode(
                .object([
                    "schemaVersion": 2, "manifests": [.object(entry)],
                    "mediaType": "application/vnd.oci.image.index.v1+json",
                ])), to: TreePath("index.json"))
        try folder.write(
            CanonicalJSON.encode(.object(["imageLayoutVersion": "1.0.0"])),
            to: TreePath("oci-layout"))
    }

    private var tag: String { "v\(release.version.manifest.number)" }

    /// ModelPack's configuration: what the model is, and the digests of its layers.
    private var configuration: JSONValue {
        let manifest = release.version.manifest
        var config: [String: JSONValue] = ["format": "safetensors"]
        if let architecture { config["architecture"] = .string(architecture) }
        return .object([
            "descriptor": .object([
                "name": .string(manifest.model), "version": .string(tag),
                "createdAt": .string(manifest.created.description),
                "revision": .string(release.version.commitName),
            ]),
            "config": .object(config),
            "modelfs": .object([
                "type": "layers",
                "diffIds": .array(release.files.map { .string($0.digest.description) }),
            ]),
        ])
    }

    private func manifest(_ configuration: JSONValue) -> JSONValue {
        let manifest = release.version.manifest
        return .object([
            "schemaVersion": 2, "mediaType": .string(Self.manifestType),
            "artifactType": .string("\(Self.model).manifest.v1+json"), "config": configuration,
            "layers": .array(release.files.map(Self.layer)),
            "annotations": .object([
                "org.opencontainers.image.title": .string(manifest.model),
                "org.opencontainers.image.version": .string(tag),
                "org.opencontainers.image.created": .string(manifest.created.description),
                "lethe.manifest": .string(release.version.manifestDigest.description),
                "lethe.certified": .string(release.isCertified ? "true" : "false"),
                "lethe.requests": .string(String(manifest.requests.count)),
            ]),
        ])
    }

    private static func layer(_ file: ReleasedFile) -> JSONValue {
        .object([
            "mediaType": .string("\(model).\(kind(of: file.path)).v1.raw"),
            "digest": .string(file.digest.description), "size": .number(Double(file.sizeBytes)),
            "annotations": .object([
                "org.cncf.model.filepath": .string(file.path),
                // What oras calls the file when it pulls it.
                "org.opencontainers.image.title": .string(file.path),
            ]),
        ])
    }

    private static func kind(of path: String) -> String {
        if path.hasSuffix(".safetensors") { return "weight" }
        if path.hasSuffix(".md") || path == Registry.certificateName { return "doc" }
        return "weight.config"
    }

    /// Writes a document of the layout and describes it.
    private func blob(
        _ document: JSONValue, type: String, in folder: TargetFolder
    ) throws(LetheError) -> JSONValue {
        let bytes = try CanonicalJSON.encode(document)
        let digest = Digest(hashing: bytes)
        try folder.write(bytes, to: Self.path(of: digest))
        return .object([
            "mediaType": .string(type), "digest": .string(digest.description),
            "size": .number(Double(bytes.count)),
        ])
    }

    private static func path(of digest: Digest) throws(LetheError) -> TreePath {
        try TreePath("blobs/sha256/\(digest.hex)")
    }
}
