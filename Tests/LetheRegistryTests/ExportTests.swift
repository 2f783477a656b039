import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

private let validator = PythonClients.validator

@Suite("Exporting versions")
struct ExportTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
    }

    private func export(
        _ format: ExportFormat, _ revision: String = "faces", allowingUncertified: Bool = false
    ) throws(LetheError) -> URL {
        let url = tiny.folder("exported-\(UUID().uuidString)")
        _ = try registry.export(
            Revision(revision), to: url, as: format, allowingUncertified: allowingUncertified,
            progress: { _ in })
        return url
    }

    private func json(_ url: URL) throws -> JSONValue {
        try StrictJSON.parse(Array(Data(contentsOf: url)))
    }

    /// The bytes that a descriptor of a layout describes, compared with its digest and length.
    private func blob(_ descriptor: JSONValue?, in layout: URL) throws -> URL {
        let digest = try #require(descriptor?["digest"]?.stringValue)
        let hex = try #require(digest.split(separator: ":").last)
        let url = layout.appending(path: "blobs/sha256/\(hex)")
        let bytes = Array(try Data(contentsOf: url))
        #expect(Digest(hashing: bytes).description == digest)
        #expect(descriptor?["size"]?.integerValue == bytes.count)
        return url
    }

    @Test(
        "An OCI layout describes every file of a pull by digest and length, and is always the same")
    func layout() throws {
        let layout = try export(.imageLayout)
        let entry = try json(layout.appending(path: "index.json"))["manifests"]?.arrayValue?.first
        #expect(entry?["annotations"]?["org.opencontainers.image.ref.name"] == "v3")
        let manifest = try json(blob(entry, in: layout))
        #expect(manifest["artifactType"] == "application/vnd.cncf.model.manifest.v1+json")
        let configuration = try json(blob(manifest["config"], in: layout))
        let layers = manifest["layers"]?.arrayValue ?? []
        let named = try layers.map { layer in
            (
                try #require(layer["annotations"]?["org.cncf.model.filepath"]?.stringValue),
                try Data(contentsOf: blob(layer, in: layout))
            )
        }
        let pulled = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("faces"), to: pulled, allowingUncertified: false, progress: { _ in })
        var expected = try contents(of: pulled)
        expected[Registry.proofName] = nil
        #expect(Dictionary(uniqueKeysWithValues: named) == expected)
        #expect(
            configuration["modelfs"]?["diffIds"]?.arrayValue == layers.compactMap { $0["digest"] })
        #expect(try contents(of: export(.imageLayout)) == contents(of: layout))
    }

    @Test(
        "skopeo copies the layout, and what arrives has the same manifest",
        .enabled(if: Program.has("skopeo"), "skopeo is not installed"))
    func skopeo() throws {
        let layout = try export(.imageLayout)
        let target = tiny.folder("copied")
        let copied = try Program.run(
            "skopeo",
            ["--insecure-policy", "copy", "oci:\(layout.path):v3", "oci:\(target.path):v3"],
            in: tiny.outside)
        #expect(copied.status == 0, "\(copied.errors)")
        func manifest(_ folder: URL) throws -> JSONValue? {
            try json(folder.appending(path: "index.json"))["manifests"]?.arrayValue?.first?[
                "digest"]
        }
        #expect(try manifest(target) == manifest(layout))
    }

    @Test("A bill of materials names files, parent, requests and what was measured")
    func bill() throws {
        let bill = try json(export(.billOfMaterials))
        let component = bill["metadata"]?["component"]
        #expect(component?["bom-ref"] == "faces@v3" && bill["specVersion"] == "1.6")
        let ancestor = component?["pedigree"]?["ancestors"]?.arrayValue?.first
        #expect(ancestor?["bom-ref"] == "faces@v2")
        let names = component?["components"]?.arrayValue?.compactMap { $0["name"]?.stringValue }
        #expect(names?.contains("model.safetensors") == true)
        let metrics = component?["modelCard"]?["quantitativeAnalysis"]?["performanceMetrics"]
        #expect(metrics?.arrayValue?.isEmpty == false)
        let requests = component?["properties"]?.arrayValue?
            .filter { $0["name"] == "lethe:request" }
        #expect(requests?.count == 1)
        let again = try (export(.billOfMaterials), export(.billOfMaterials))
        #expect(try Data(contentsOf: again.0) == Data(contentsOf: again.1))
    }

    @Test(
        "CycloneDX's own validator accepts the bill, strictly",
        .enabled(if: validator != nil, "scripts/hub-client has not made .venv-hub"))
    func valid() throws {
        let program = """
            import sys
            from cyclonedx.schema import SchemaVersion
            from cyclonedx.validation.json import JsonStrictValidator
            found = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read())
            sys.exit(str(found) if found else 0)
            """
        let python = try #require(validator)
        let bill = try export(.billOfMaterials)
        let checked = try Program.run(python, ["-c", program, bill.path], in: tiny.outside)
        #expect(checked.status == 0, "\(checked.errors)")
    }

    @Test(
        "What pull refuses is not exported, and nothing is left", arguments: ExportFormat.allCases)
    func refusals(format: ExportFormat) async throws {
        await expect(.refused) { _ = try export(format, "faces@v1", allowingUncertified: true) }
        try await tiny.forget([2], in: registry)
        await expect(.refused) { _ = try export(format, "faces@latest") }
        let left = try FileManager.default.contentsOfDirectory(atPath: tiny.outside.path)
        #expect(!left.contains { $0.contains("exported") })
        let taken = try export(format)
        await expect(.alreadyExists) {
            _ = try registry.export(
                Revision("faces"), to: taken, as: format, allowingUncertified: false,
                progress: { _ in })
        }
    }
}
