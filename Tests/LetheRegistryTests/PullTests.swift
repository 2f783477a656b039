import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Pulling")
struct PullTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
    }

    private func pull(
        _ revision: String, to folder: URL, allowingUncertified: Bool = false
    ) throws(LetheError) -> PullOutcome {
        try registry.pull(
            Revision(revision), to: folder, allowingUncertified: allowingUncertified,
            progress: { _ in })
    }

    @Test("A version that nobody certified is refused, unless it is taken as it is")
    func uncertified() async throws {
        let target = tiny.folder("pulled")
        for revision in ["faces", "faces@certified", "faces@latest", "faces@v1", "faces@v2"] {
            let error = await expect(.refused) { _ = try pull(revision, to: target) }
            #expect(error?.code.exitCode == 5)
        }
        #expect(!FileManager.default.fileExists(atPath: target.path))
        let outcome = try pull("faces@v2", to: target, allowingUncertified: true)
        #expect(!outcome.isCertified)
        let names = try FileManager.default.contentsOfDirectory(atPath: target.path)
        #expect(
            Set(names) == [
                "README.md", "config.json", "model.safetensors", "preprocessor_config.json",
            ])
    }

    @Test("A version that knows what its certified successor forgot is refused, naming that one")
    func superseded() async throws {
        try await tiny.certify(in: registry)
        let target = tiny.folder("pulled")
        let error = await expect(.refused) {
            _ = try pull("faces@v1", to: target, allowingUncertified: true)
        }
        #expect(error?.remedy?.contains("faces@v3") == true)
        // Version 2 is the candidate: base and delta, and its certified copy has the same bytes.
        let candidate = await expect(.refused) {
            _ = try pull("faces@v2", to: target, allowingUncertified: true)
        }
        #expect(candidate?.remedy?.contains("faces@v3") == true)

        try await tiny.forget([2], in: registry)
        try await tiny.certify(in: registry)
        let certified = await expect(.refused) {
            _ = try pull("faces@v3", to: tiny.folder("other"))
        }
        #expect(certified?.remedy?.contains("faces@v5") == true)
        #expect(try pull("faces", to: tiny.folder("other")).version.name == "faces@v5")
    }

    @Test("An occupied folder is refused and left alone; an empty one is taken")
    func occupied() async throws {
        let target = tiny.folder("pulled")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        _ = try pull("faces@v2", to: target, allowingUncertified: true)
        let before = try contents(of: target)
        await expect(.alreadyExists) {
            _ = try pull("faces@v2", to: target, allowingUncertified: true)
        }
        #expect(try contents(of: target) == before)
        let file = tiny.folder("file")
        try Data("mine".utf8).write(to: file)
        await expect(.alreadyExists) {
            _ = try pull("faces@v2", to: file, allowingUncertified: true)
        }
        #expect(try Data(contentsOf: file) == Data("mine".utf8))
    }

    @Test("A damaged or missing object is an integrity error, and nothing is left of the pull")
    func damaged() async throws {
        let parent = tiny.root.deletingLastPathComponent()
        let before = try FileManager.default.contentsOfDirectory(atPath: parent.path).sorted()
        let version = try registry.resolve(Revision("faces@v2"))
        let config = try #require(version.manifest.files.first { $0.path == "config.json" })
        let object = registry.storage.objects.url(of: config.digest)
        let good = try Data(contentsOf: object)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: object.path)
        try Data(good.reversed()).write(to: object)
        await expect(.integrity) {
            _ = try pull("faces@v2", to: tiny.folder("pulled"), allowingUncertified: true)
        }
        try FileManager.default.removeItem(at: object)
        await expect(.integrity) {
            _ = try pull("faces@v2", to: tiny.folder("pulled"), allowingUncertified: true)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: parent.path).sorted() == before)
        #expect(!(try tiny.check(registry).isClean))
        // Publishing the file again mends the store.
        try good.write(to: object)
        #expect(try tiny.check(registry).isClean)
    }

    @Test("Extra, missing and exchanged files of a pulled folder contradict its certificate")
    func otherFiles() async throws {
        try await tiny.certify(in: registry)
        let target = tiny.folder("pulled")
        _ = try pull("faces", to: target)
        let check = {
            _ = try CertificateFiles.check(
                certificate: target.appending(path: Registry.certificateName), folder: target,
                allowedSigners: tiny.root.appending(path: "keys/allowed_signers"))
        }
        try check()
        let extra = target.appending(path: "pytorch_model.bin")
        try Data("surprise".utf8).write(to: extra)
        await expect(.integrity) { try check() }
        try FileManager.default.removeItem(at: extra)
        let config = target.appending(path: "config.json")
        try FileManager.default.moveItem(at: config, to: tiny.folder("config.json"))
        await expect(.integrity) { try check() }
        try FileManager.default.copyItem(at: target.appending(path: "README.md"), to: config)
        await expect(.integrity) { try check() }
        let other = try TinyRegistry()
        await expect(.refused) {
            _ = try CertificateFiles.check(
                certificate: target.appending(path: Registry.certificateName), folder: nil,
                allowedSigners: other.root.appending(path: "keys/allowed_signers"))
        }
    }
}
