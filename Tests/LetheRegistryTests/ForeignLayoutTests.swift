import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Publishing from an OCI image layout")
struct ForeignLayoutTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
    }

    private func publish(
        _ layout: URL, tag: String? = nil, as model: String = "copy"
    ) async throws(LetheError) -> Version {
        try await registry.publish(
            layout: layout, tag: tag, as: model, engine: FakeEngine(), keys: tiny.keys(),
            now: TinyRegistry.now, progress: { _ in })
    }

    private func exported() throws -> URL {
        let url = tiny.folder("exported-\(UUID().uuidString)")
        _ = try registry.export(
            Revision("faces@v1"), to: url, as: .imageLayout, allowingUncertified: true,
            progress: { _ in })
        return url
    }

    /// A layout of one manifest with these layers; the manifest is changed before it is written.
    private func layout(
        _ files: [(path: String, bytes: Data)],
        type: String = "application/vnd.cncf.model.weight.v1.raw",
        change: (inout [String: JSONValue]) -> Void = { _ in }
    ) throws -> URL {
        let url = tiny.folder("layout-\(UUID().uuidString)")
        let blobs = url.appending(path: "blobs/sha256")
        try FileManager.default.createDirectory(at: blobs, withIntermediateDirectories: true)
        func blob(_ bytes: Data, _ more: [String: JSONValue] = [:]) throws -> JSONValue {
            let digest = Digest(hashing: Array(bytes))
            try bytes.write(to: blobs.appending(path: digest.hex))
            return .object(
                more.merging([
                    "digest": .string(digest.description), "size": .number(Double(bytes.count)),
                ]) { $1 })
        }
        let layers = try files.map { file in
            try blob(
                file.bytes,
                [
                    "mediaType": .string(type),
                    "annotations": [
                        "org.opencontainers.image.title": .string(file.path)
                    ],
                ])
        }
        var manifest: [String: JSONValue] = ["schemaVersion": 2, "layers": .array(layers)]
        change(&manifest)
        let entry = try blob(Data(CanonicalJSON.encode(.object(manifest))))
        try Data(CanonicalJSON.encode(["schemaVersion": 2, "manifests": [entry]]))
            .write(to: url.appending(path: "index.json"))
        try Data(#"{"imageLayoutVersion":"1.0.0"}"#.utf8).write(
            to: url.appending(path: "oci-layout"))
        return url
    }

    private func model() throws -> [(path: String, bytes: Data)] {
        try ["config.json", "model.safetensors"].map {
            ($0, try Data(contentsOf: tiny.modelFolder.appending(path: $0)))
        }
    }

    @Test("What was exported comes back, file for file")
    func roundTrip() async throws {
        let version = try await publish(exported(), tag: "v1")
        let original = try registry.resolve(Revision("faces@v1"))
        func files(_ version: Version) -> [String: Digest] {
            let pairs = version.manifest.files.filter { $0.path != "README.md" }
                .map { ($0.path, $0.digest) }
            return Dictionary(uniqueKeysWithValues: pairs)
        }
        #expect(files(version) == files(original) && version.name == "copy@v1")
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test(
        "What skopeo copied comes back, too",
        .enabled(if: Program.has("skopeo"), "skopeo is not installed"))
    func skopeo() async throws {
        let target = tiny.folder("copied")
        let copied = try Program.run(
            "skopeo",
            ["--insecure-policy", "copy", "oci:\(exported().path):v1", "oci:\(target.path):new"],
            in: tiny.outside)
        #expect(copied.status == 0, "\(copied.errors)")
        #expect(try await publish(target, tag: "new").name == "copy@v1")
        await expect(.notFound) { _ = try await publish(target, tag: "old") }
    }

    @Test("Layers with titles alone, as oras writes them, are a model as well")
    func titles() async throws {
        #expect(try await publish(layout(model())).manifest.files.count == 3)
    }

    @Test(
        "Paths that lead elsewhere are refused, and nothing is written",
        arguments: [
            "../config.json", "/etc/passwd", "a/../../b", ".git/config", "con", "a\u{0}b", "",
        ])
    func paths(path: String) async throws {
        let layout = try layout(model() + [(path, Data("x".utf8))])
        await expect(.refused) { _ = try await publish(layout) }
        let left = try FileManager.default.contentsOfDirectory(
            atPath: tiny.root.appending(path: "tmp").path)
        #expect(left.isEmpty)
        #expect(try !registry.hasModel("copy"))
    }

    @Test("Two paths that some systems take for one are refused")
    func collision() async throws {
        let layout = try layout(model() + [("CONFIG.json", Data("x".utf8))])
        await expect(.refused) { _ = try await publish(layout) }
    }

    @Test("A blob with other bytes, none, or a pipe in its place is refused")
    func blobs() async throws {
        for kind in ["other", "longer", "none", "pipe", "folder"] {
            let layout = try exported()
            let digest = Digest(hashing: Array(try model()[1].bytes))
            let url = layout.appending(path: "blobs/sha256/\(digest.hex)")
            var bytes = try Data(contentsOf: url)
            try FileManager.default.removeItem(at: url)
            switch kind {
            case "other":
                bytes[bytes.count / 2] ^= 1
                try bytes.write(to: url)
            case "longer": try (bytes + [0]).write(to: url)
            case "pipe": #expect(unsafe mkfifo(url.path, 0o600) == 0)
            case "folder":
                try FileManager.default.createDirectory(
                    at: url, withIntermediateDirectories: false)
            default: break
            }
            await expect(.integrity) { _ = try await publish(layout) }
        }
        #expect(try !registry.hasModel("copy"))
    }

    @Test("A manifest with other bytes than the index says is refused")
    func manifest() async throws {
        let layout = try layout(model())
        let blobs = layout.appending(path: "blobs/sha256")
        let index = try StrictJSON.parse(
            Array(Data(contentsOf: layout.appending(path: "index.json"))))
        let digest = try #require(
            index["manifests"]?.arrayValue?.first?["digest"]?.stringValue?.dropFirst(7))
        let url = blobs.appending(path: String(digest))
        let text = try String(contentsOf: url, encoding: .utf8)
        try Data(text.replacing("config.json", with: "CONFIG.json").utf8).write(to: url)
        await expect(.integrity) { _ = try await publish(layout) }
    }

    @Test("Files that oras was told no type for are taken, unless one is an archive")
    func untyped() async throws {
        let type = "application/vnd.oci.image.layer.v1.tar"
        #expect(try await publish(layout(model(), type: type)).manifest.files.count == 3)
        let tar = try Program.run(
            "tar", ["-cf", "model.tar", "-C", tiny.modelFolder.path, "config.json"],
            in: tiny.outside)
        try #require(tar.status == 0, "\(tar.errors)")
        let packed = try Data(contentsOf: tiny.outside.appending(path: "model.tar"))
        let layout = try layout(model() + [("more.bin", packed)], type: type)
        await expect(.unsupported) { _ = try await publish(layout, as: "other") }
    }

    @Test("Archives, compressed layers, too many layers and giant documents are refused")
    func kinds() async throws {
        for type in [
            "application/vnd.cncf.model.weight.v1.tar", "application/x-gzip",
            "application/vnd.oci.image.layer.v1.tar+zstd",
        ] {
            let layout = try layout(model(), type: type)
            await expect(.unsupported) { _ = try await publish(layout) }
        }
        let many = try layout(model()) { manifest in
            let layer = manifest["layers"]?.arrayValue?.first ?? .null
            manifest["layers"] = .array(Array(repeating: layer, count: 1001))
        }
        await expect(.malformed) { _ = try await publish(many) }
        let none = try layout([])
        await expect(.malformed) { _ = try await publish(none) }
        let giant = try layout(model())
        try Data(repeating: UInt8(ascii: "["), count: 5 << 20).write(
            to: giant.appending(path: "index.json"))
        await expect(.malformed) { _ = try await publish(giant) }
        let deep = try layout(model())
        try Data(repeating: UInt8(ascii: "["), count: 100_000).write(
            to: deep.appending(path: "index.json"))
        await expect(.malformed) { _ = try await publish(deep) }
    }

    @Test("What is no layout is told so, and so is an index of several manifests")
    func others() async throws {
        await expect(.notFound) { _ = try await publish(tiny.modelFolder) }
        let layout = try layout(model())
        let index = layout.appending(path: "index.json")
        let text = try String(contentsOf: index, encoding: .utf8)
        try Data(
            text.replacing(
                #""size""#,
                with: #""mediaType":"application/vnd.oci.image.index.v1+json","size""#
            ).utf8
        ).write(to: index)
        await expect(.unsupported) { _ = try await publish(layout) }
    }
}
