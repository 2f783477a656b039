import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Erasing the stages of a sharded model")
struct ShardPurgeTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.addDataset(in: registry)
        try await tiny.trainShards(in: registry)
    }

    @Test("Stages that saw what was deleted go, clean ones stay, and the line goes on")
    func erase() async throws {
        try tiny.rollBack(samples: [4], in: registry)
        let certified = try #require(try await tiny.certifyShards(in: registry).certified)
        try await tiny.keepYardstick(of: TinyRegistry.sharded, in: registry)
        let state = try #require(certified.manifest.shards)
        let gone = objects(of: state.stages.filter { state.revoked.contains($0.record.file) })
        let clean = objects(of: state.cleanStages)
        #expect(gone.count == 4 && clean.count == 8)
        #expect(gone.allSatisfy(registry.storage.objects.contains))
        let foreseen = try tiny.purge(isDryRun: true, in: registry)
        let report = try tiny.purge(in: registry)
        #expect(report.versions == ["sharded@v1", "sharded@v2"])
        #expect(Set(foreseen.removed) == Set(report.removed))
        let receipt = try #require(report.receipt)
        for objects in [report.removed, receipt.gone] {
            #expect(Set(objects.map(\.digest)).isSuperset(of: gone))
        }
        #expect(!gone.contains(where: registry.storage.objects.contains))
        #expect(clean.allSatisfy(registry.storage.objects.contains))
        _ = try registry.reindex()
        let findings = try tiny.check(registry).findings
        #expect(findings.isEmpty, "\(findings)")
        #expect(try tiny.cloned().check().findings.isEmpty)

        try tiny.rollBack(samples: [5], in: registry)
        #expect(try await tiny.certifyShards(in: registry).certified != nil)
        #expect(try tiny.purge(in: registry).removed.count >= 4)
        let later = try tiny.check(registry).findings
        #expect(later.isEmpty, "\(later)")
    }

    /// The objects that say how to put each stage's file together.
    private func objects(of stages: [StoredStage]) -> Set<Digest> {
        Set(stages.map { $0.file.assembly ?? $0.file.digest })
    }

    @Test("A clean stage that is gone is a loss, no erasure")
    func loss() async throws {
        try tiny.rollBack(samples: [4], in: registry)
        let certified = try #require(try await tiny.certifyShards(in: registry).certified)
        try await tiny.keepYardstick(of: TinyRegistry.sharded, in: registry)
        try tiny.purge(in: registry)
        let clean = objects(of: certified.manifest.shards?.cleanStages ?? [])
        try FileManager.default.removeItem(
            at: registry.storage.objects.url(of: #require(clean.first)))
        #expect(try tiny.check(registry).findings.contains { $0.isDamage })
    }
}
