import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Revoking versions")
struct RevocationTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    private func states() throws -> [VersionState] {
        try registry.log(TinyRegistry.model).reversed().map(\.state)
    }

    private func pull(_ revision: String) throws(LetheError) {
        let folder = tiny.folder("pulled-\(UUID().uuidString)")
        _ = try registry.pull(
            Revision(revision), to: folder, allowingUncertified: true, progress: { _ in })
    }

    @Test("A certificate revokes what it overtakes, and the record is signed and logged")
    func certificate() async throws {
        try await tiny.forget([1], in: registry)
        #expect(try states() == [.current, .current])
        try await tiny.certify(in: registry)
        #expect(try states() == [.revoked, .revoked, .current])
        try await tiny.forget([2], in: registry)
        #expect(try states() == [.revoked, .revoked, .current, .current])
        try await tiny.certify(in: registry)
        #expect(try states() == [.revoked, .revoked, .revoked, .revoked, .current])
        #expect(try registry.show(Revision("faces@v3")).state == .revoked)

        // publish, dataset, and twice: forget, announced judgement, certify, revocation
        let audit = try registry.audit()
        #expect(audit.size == 10 && audit.findings.isEmpty, "\(audit.findings)")
        #expect(try tiny.check(registry).findings.isEmpty)
        #expect(try registry.reindex() == 8)
        #expect(try states() == [.revoked, .revoked, .revoked, .revoked, .current])
    }

    @Test("A version that a person revoked is refused with exit code 5, and what to take is named")
    func byHand() async throws {
        try await tiny.publish(tiny.otherModelFolder, in: registry)
        let record = try registry.revoke(
            Revision("faces@v1"), reason: "It was  published\nby mistake.", keys: tiny.keys(),
            now: TinyRegistry.now)
        #expect(record.reason == "It was published by mistake." && record.successor == nil)
        let error = await expect(.refused) { try pull("faces@v1") }
        #expect(error?.code.exitCode == 5)
        #expect(error?.message.contains("published by mistake") == true)
        try pull("faces@v2")
        await expect(.alreadyExists) {
            _ = try registry.revoke(
                Revision("faces@v1"), reason: "Again.", keys: tiny.keys(), now: TinyRegistry.now)
        }
        await expect(.invalidArgument) {
            _ = try registry.revoke(
                Revision("faces@v2"), reason: " ", keys: tiny.keys(), now: TinyRegistry.now)
        }
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        let named = await expect(.refused) { try pull("faces@v1") }
        #expect(named?.remedy?.contains("faces@v4") == true)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A certified version that is revoked is not given out under any name")
    func certifiedByHand() async throws {
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        let record = try registry.revoke(
            Revision("faces@certified"), reason: "The judge used the wrong data.",
            keys: tiny.keys(), now: TinyRegistry.now)
        #expect(record.successor == nil)
        for name in ["faces", "faces@certified", "faces@v3"] {
            let error = await expect(.refused) { try pull(name) }
            #expect(error?.remedy?.contains("Pull faces") == false)
        }
    }

    @Test("Revocations travel with the line")
    func travel() async throws {
        let clone = try tiny.cloned()
        let source = try clone.source.open()
        try await clone.source.publish(tiny.otherModelFolder, in: source)
        _ = try source.revoke(
            Revision("faces@v1"), reason: "A mistake.", keys: tiny.keys(), now: TinyRegistry.now)
        let target = try clone.open()
        let report = try target.fetch(
            ["faces"], from: clone.source.root, keys: tiny.keys(), progress: { _ in })
        #expect(report.failure == nil)
        #expect(try target.log("faces").map(\.state) == [.current, .revoked])
        #expect(try clone.check(target).findings.isEmpty)
    }
}
