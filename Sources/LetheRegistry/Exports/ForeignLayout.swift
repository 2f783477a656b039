public import Foundation
public import LetheRecords
internal import LetheStorage

/// An OCI image layout (image-spec 1.1) that somebody else wrote: a folder of blobs, of which one
/// describes the files of a model, as ModelPack's tools and `oras` do.
///
/// Nothing in it is believed: every document has a limit, every blob must have the digest and length
/// that it is described by, and paths must be safe to write.
struct ForeignLayout {
    private static let documentLimitBytes = 4 << 20
    private static let fileLimitCount = 1000
    private static let titles = [
        "org.cncf.model.filepath", "org.opencontainers.image.title",
    ]

    /// What `oras push` calls every file that it is told no type for, archive or not.
    private static let unnamedType = "application/vnd.oci.image.layer.v1.tar"
    /// What tar files have from byte 257 on (POSIX.1-2017, pax, "ustar Interchange Format").
    private static let archiveMark = (offset: 257, bytes: Data("ustar".utf8))

    private static let remedy = "Copy the layout again, or pack the model anew."

    /// A file of the model and the blob that has its bytes.
    private struct Layer {
        let path: TreePath
        let blob: Descriptor
        let type: String
    }

    /// What describes a blob: digest and length.
    private struct Descriptor {
        let digest: Digest
        let sizeBytes: Int
    }

    private let url: URL

    /// Takes a folder; nothing is read.
    init(_ url: URL) { self.url = url }

    /// Writes the model's files into a folder, every byte verified.
    ///
    /// - Parameter tag: Which of the layout's manifests; nil if there is only one.
    /// - Throws: `notFound`, `malformed`; `integrity` for a blob with other bytes; `refused` for
    ///   unsafe paths; `unsupported` for layers that are archives or compressed.
    func unpack(
        tag: String?, into folder: TargetFolder, progress: ProgressHandler
    ) throws(LetheError) {
        try requireLayout()
        let manifest = try document(self.manifest(tagged: tag))
        let layers = try layers(of: manifest)
        let total = layers.reduce(0) { $0 + $1.blob.sizeBytes }
        var done = 0
        for layer in layers {
            try copy(layer, to: folder)
            done += layer.blob.sizeBytes
            progress(Progress(phase: "reading the layout (bytes)", done: done, total: total))
        }
    }

    private func requireLayout() throws(LetheError) {
        let bytes: [UInt8]
        do throws(LetheError) {
            bytes = try read(url.appending(path: "oci-layout"), limitBytes: 4096)
        } catch {
            throw LetheError(
                code: .notFound, message: "\(url.path) is no OCI image layout.",
                remedy:
                    "Name a folder with oci-layout and index.json; skopeo copy … oci:FOLDER:TAG "
                    + "writes one.", cause: error)
        }
        guard try Self.json(bytes)["imageLayoutVersion"] == "1.0.0" else {
            throw LetheError(
                code: .unsupported, message: "The layout is not of version 1.0.0.",
                remedy: Self.remedy)
        }
    }

    private func manifest(tagged tag: String?) throws(LetheError) -> Descriptor {
        let index = try Self.json(
            read(url.appending(path: "index.json"), limitBytes: Self.documentLimitBytes))
        let entries = index["manifests"]?.arrayValue ?? []
        let named = entries.filter { entry in
            guard let tag else { return true }
            return entry["annotations"]?["org.opencontainers.image.ref.name"]?.stringValue == tag
        }
        guard named.count == 1, let entry = named.first else {
            throw LetheError(
                code: named.isEmpty ? .notFound : .invalidArgument,
                message: named.isEmpty
                    ? "The layout has no manifest of that tag."
                    : "The layout has \(named.count) manifests.",
                remedy: "Name one: --tag "
                    + (Self.tags(of: entries).joined(separator: ", or --tag ")))
        }
        guard entry["mediaType"]?.stringValue?.contains("index") != true else {
            throw LetheError(
                code: .unsupported, message: "The tag is of an index of several manifests.",
                remedy: "Copy one of them into a layout of its own.")
        }
        return try Self.descriptor(entry)
    }

    private static func tags(of entries: [JSONValue]) -> [String] {
        let found = entries.prefix(20).compactMap {
            $0["annotations"]?["org.opencontainers.image.ref.name"]?.stringValue
        }.filter { $0.utf8.count <= 128 && $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }
        return found.isEmpty ? ["TAG"] : found
    }

    private func layers(of manifest: JSONValue) throws(LetheError) -> [Layer] {
        let found = manifest["layers"]?.arrayValue ?? []
        guard (1...Self.fileLimitCount).contains(found.count) else {
            throw LetheError(
                code: .malformed,
                message: "The manifest has \(found.count) layers; a model has 1 to "
                    + "\(Self.fileLimitCount).",
                remedy: Self.remedy)
        }
        let layers = try found.mapping { (layer) throws(LetheError) in
            let type = layer["mediaType"]?.stringValue ?? ""
            let path = Self.titles.lazy.compactMap { layer["annotations"]?[$0]?.stringValue }.first
            let isPacked = ["tar", "gzip", "zstd"].contains { type.contains($0) }
            guard let path, !isPacked || type == Self.unnamedType else {
                throw Self.packed(type)
            }
            return Layer(
                path: try TreePath(path), blob: try Self.descriptor(layer), type: type)
        }
        try TreePath.refuseCollisions(layers.map(\.path))
        return layers
    }

    private static func packed(_ type: String) -> LetheError {
        LetheError(
            code: .unsupported,
            message: "A layer is not a file of a model as it is, but "
                + "\"\(type.unicodeScalars.prefix(80).filter { $0.value > 0x1F })\".",
            remedy: "Pack the model with raw layers, one for each file.")
    }

    private static func descriptor(_ value: JSONValue) throws(LetheError) -> Descriptor {
        guard let text = value["digest"]?.stringValue, let digest = Digest(text),
            let sizeBytes = value["size"]?.integerValue, sizeBytes >= 0
        else {
            throw LetheError(
                code: .malformed,
                message: "The layout describes a blob without SHA-256 or without its size.",
                remedy: Self.remedy)
        }
        return Descriptor(digest: digest, sizeBytes: sizeBytes)
    }

    /// Reads a small file; a pipe or a device in its place is refused unopened, as it may never end.
    private func read(_ url: URL, limitBytes: Int) throws(LetheError) -> [UInt8] {
        let isFile = (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile
        do throws(LetheError) {
            if isFile == false {
                throw LetheError(code: .malformed, message: "\(url.path) is no file.")
            }
            return try StoreFiles().readFile(url, limitBytes: limitBytes)
        } catch {
            throw LetheError(
                code: error.code, message: error.message, remedy: Self.remedy, cause: error)
        }
    }

    private static func json(_ bytes: [UInt8]) throws(LetheError) -> JSONValue {
        do throws(LetheError) {
            return try StrictJSON.parse(bytes)
        } catch {
            throw LetheError(
                code: .malformed, message: "A document of the layout is no JSON.",
                remedy: remedy, cause: error)
        }
    }

    private func blob(_ descriptor: Descriptor) -> URL {
        url.appending(path: "blobs/sha256/\(descriptor.digest.hex)")
    }

    private func document(_ descriptor: Descriptor) throws(LetheError) -> JSONValue {
        let bytes = try read(blob(descriptor), limitBytes: Self.documentLimitBytes)
        guard bytes.count == descriptor.sizeBytes, Digest(hashing: bytes) == descriptor.digest
        else { throw damaged(descriptor) }
        return try Self.json(bytes)
    }

    private func copy(_ layer: Layer, to folder: TargetFolder) throws(LetheError) {
        do throws(LetheError) {
            try folder.write(
                layer.blob.digest, sizeBytes: layer.blob.sizeBytes, from: blob(layer.blob),
                to: layer.path)
        } catch  where error.code == .integrity {
            throw damaged(layer.blob)
        }
        if layer.type == Self.unnamedType,
            try Self.isArchive(folder.url.appending(path: "\(layer.path)"))
        {
            throw Self.packed("\(layer.type), and it is an archive")
        }
    }

    private static func isArchive(_ file: URL) throws(LetheError) -> Bool {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            try handle.seek(toOffset: UInt64(archiveMark.offset))
            return try handle.read(upToCount: archiveMark.bytes.count) == archiveMark.bytes
        } catch {
            throw LetheError(
                code: .io, message: "\(file.path) cannot be read again.", cause: error)
        }
    }

    private func damaged(_ descriptor: Descriptor) -> LetheError {
        LetheError(
            code: .integrity,
            message: "The blob \(descriptor.digest) of the layout has other bytes than that.",
            remedy: "Copy the layout again.")
    }
}

extension Registry {
    /// Publishes the model in an OCI image layout as the next version of a line.
    ///
    /// - Parameter tag: Which of the layout's manifests; nil if there is only one.
    /// - Throws: as `publish`; `notFound`, `malformed`, `integrity`, `refused` and `unsupported` for
    ///   a layout that holds no model, or not as it says.
    public func publish(
        layout url: URL, tag: String?, as model: String, base: Revision? = nil,
        engine: any Engine, keys: KeyFolder, now: Timestamp,
        progress: @escaping ProgressHandler
    ) async throws(LetheError) -> Version {
        try requireWritable(by: keys)
        let work = try workFolder()
        let folder = try work.folder("model")
        try ForeignLayout(url).unpack(tag: tag, into: TargetFolder(folder), progress: progress)
        let version = try await publish(
            folder, as: model, base: base, engine: engine, keys: keys, now: now,
            rereading: true, progress: progress)
        withExtendedLifetime(work) {}
        return version
    }
}
