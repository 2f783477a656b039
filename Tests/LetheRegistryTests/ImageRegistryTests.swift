import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

/// Debian's `docker-registry` with a folder of its own, on a port of the loopback.
private final class ImageRegistry {
    let host: String
    private let folder: TemporaryFolder
    private let process = Process()

    init() throws {
        folder = try TemporaryFolder()
        host = "127.0.0.1:\(try LoopbackPort.free())"
        let settings = folder.url.appending(path: "config.yml")
        try Data(
            """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage: {filesystem: {rootdirectory: "\(folder.url.path)/data"}}
            http: {addr: "\(host)"}

            """.utf8
        ).write(to: settings)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/docker-registry")
        process.arguments = ["serve", settings.path]
        process.environment = ["OTEL_TRACES_EXPORTER": "none", "HOME": folder.url.path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        // A registry that is asked too early answers nothing; curl asks again for two minutes.
        let answer = try Program.run(
            "curl",
            [
                "-sf", "--retry", "120", "--retry-delay", "1", "--retry-connrefused",
                "http://\(host)/v2/",
            ], in: folder.url)
        try #require(answer.status == 0, "\(answer.errors)")
    }

    deinit {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

@Suite(
    "A container registry",
    .enabled(
        if: Program.has("skopeo", "docker-registry") && PythonClients.images != nil,
        "skopeo, docker-registry or ORAS's Python library is not installed"))
struct ImageRegistryTests {
    let tiny: TinyRegistry
    let registry: Registry
    let layout: URL

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        layout = tiny.folder("layout")
        _ = try registry.export(
            Revision("faces"), to: layout, as: .imageLayout, allowingUncertified: false,
            progress: { _ in })
    }

    private func skopeo(_ from: String, _ to: String) throws {
        let copied = try Program.run(
            "skopeo",
            [
                "--insecure-policy", "copy", "--src-tls-verify=false", "--dest-tls-verify=false",
                from, to,
            ], in: tiny.outside)
        try #require(copied.status == 0, "\(copied.errors)")
    }

    private func python(_ script: String, _ arguments: String...) throws {
        let python = try #require(PythonClients.images)
        let ran = try Program.run(python, ["-c", script] + arguments, in: tiny.outside)
        try #require(ran.status == 0, "\(ran.errors)")
    }

    /// The files of a folder by name, but for the proof, which no layout has.
    private func files(_ folder: URL) throws -> [String: Data] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        let pairs = try names.filter { $0 != Registry.proofName && !$0.hasPrefix(".") }.map {
            ($0, try Data(contentsOf: folder.appending(path: $0)))
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private func manifest(_ layout: URL) throws -> JSONValue? {
        let index = try Data(contentsOf: layout.appending(path: "index.json"))
        return try StrictJSON.parse(Array(index))["manifests"]?.arrayValue?.first?["digest"]
    }

    private func published(_ layout: URL) async throws -> [String: Digest] {
        let version = try await registry.publish(
            layout: layout, tag: nil, as: "copy", engine: FakeEngine(), keys: tiny.keys(),
            now: TinyRegistry.now, progress: { _ in })
        let pairs = version.manifest.files.map { ($0.path, $0.digest) }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    @Test("skopeo brings a version there, and ORAS pulls what lethe pull gives, byte for byte")
    func pulled() throws {
        let images = try ImageRegistry()
        try skopeo("oci:\(layout.path):v3", "docker://\(images.host)/models/faces:v3")
        let got = tiny.folder("got")
        try python(
            """
            import sys, oras.client
            client = oras.client.OrasClient(insecure=True)
            client.pull(target=sys.argv[1] + "/models/faces:v3", outdir=sys.argv[2])
            """, images.host, got.path)
        let expected = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("faces"), to: expected, allowingUncertified: false, progress: { _ in })
        let names = try files(got)
        #expect(try names == files(expected) && names[Registry.certificateName] != nil)
    }

    @Test("ORAS brings a version there, and what skopeo fetches is the same and comes back in")
    func pushed() async throws {
        let images = try ImageRegistry()
        try python(
            """
            import sys, oras.layout, oras.provider
            layout = oras.layout.NewLayout(sys.argv[2])
            layout.push_to_registry(
                provider=oras.provider.Registry(insecure=True),
                target=sys.argv[1] + "/models/faces:v3", tag="v3")
            """, images.host, layout.path)
        let back = tiny.folder("back")
        try skopeo("docker://\(images.host)/models/faces:v3", "oci:\(back.path):v3")
        #expect(try manifest(back) == manifest(layout))
        let found = try await published(back)
        let original = try registry.resolve(Revision("faces@v3")).manifest.files
        for file in original where file.path != "README.md" {
            #expect(found[file.path] == file.digest, "\(file.path)")
        }
    }

    @Test("Plain files that ORAS pushed become a version")
    func files() async throws {
        let images = try ImageRegistry()
        let target = tiny.folder("foreign")
        try python(
            """
            import os, sys, oras.client, oras.layout, oras.provider
            os.chdir(sys.argv[3])
            target = sys.argv[1] + "/models/foreign:new"
            oras.client.OrasClient(insecure=True).push(
                target=target, files=["config.json", "model.safetensors"])
            oras.layout.NewLayoutFromRegistry(
                sys.argv[2], oras.provider.Registry(insecure=True), target, tag="new")
            """, images.host, target.path, tiny.modelFolder.path)
        let found = try await published(target)
        for name in ["config.json", "model.safetensors"] {
            let bytes = try Data(contentsOf: tiny.modelFolder.appending(path: name))
            #expect(found[name] == Digest(hashing: Array(bytes)), "\(name)")
        }
    }
}
