import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Adapters and sharded models in a registry that encrypts")
struct EncryptedDerivativesTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() throws {
        tiny = try TinyRegistry(encrypting: true)
        registry = try tiny.open()
    }

    /// Every object that is encrypted, by the key that it needs.
    private func objects(in registry: Registry) throws -> [Digest: [UInt8]] {
        var found: [Digest: [UInt8]] = [:]
        try registry.storage.objects.eachEncrypted { found[$0.digest] = $0.key }
        return found
    }

    @Test("An adapter that is published with a model has a key of its own and comes back")
    func adapter() async throws {
        try tiny.writeModels()
        try await tiny.publishEach(in: registry)
        let source = tiny.modelsFolder.appending(path: TinyRegistry.adapter)
        let name = "adapter_model.safetensors"
        let bytes = try Data(contentsOf: source.appending(path: name))
        let stored = try objects(in: registry)
        let keys = try ObjectKeyFolder(in: tiny.keysFolder).keys(of: TinyRegistry.adapter)
        #expect(keys.count == 1)
        #expect(stored[Digest(hashing: Array(bytes))] == keys.first?.key.identifier)
        let target = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("\(TinyRegistry.adapter)@v1"), to: target, allowingUncertified: true,
            progress: { _ in })
        #expect(try Data(contentsOf: target.appending(path: name)) == bytes)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Stages that saw what was deleted go with their key, in a backup too; clean ones stay")
    func stages() async throws {
        try await tiny.addDataset(in: registry)
        try await tiny.trainShards(in: registry)
        try tiny.rollBack(samples: [4], in: registry)
        let certified = try #require(try await tiny.certifyShards(in: registry).certified)
        try await tiny.keepYardstick(of: TinyRegistry.sharded, in: registry)
        let backup = try tiny.copy()
        let before = try objects(in: registry)
        let report = try tiny.purge(in: registry)
        #expect(report.receipt?.destroyedKeys?.count == 1)
        let erased = report.removed.map(\.digest).filter { before[$0] != nil }
        #expect(!erased.isEmpty)
        let after = try objects(in: registry)
        #expect(!erased.contains { after[$0] != nil })
        // What is left is encrypted anew, so nothing under the old key is needed any more.
        #expect(Set(before.values).isDisjoint(with: after.values))
        let copy = try backup.open().storage.objects
        for digest in erased { await expect(.keyMissing) { _ = try copy.read(digest) } }
        let clean = try #require(certified.manifest.shards).cleanStages
        for stage in clean {
            #expect(registry.storage.objects.contains(stage.file.assembly ?? stage.file.digest))
        }
        let findings = try tiny.check(registry).findings
        #expect(findings.isEmpty, "\(findings)")
        // The line goes on under its new key.
        try tiny.rollBack(samples: [5], in: registry)
        #expect(try await tiny.certifyShards(in: registry).certified != nil)
    }
}
