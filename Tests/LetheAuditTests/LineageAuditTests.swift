import Foundation
import LetheAudit
import LetheRecords
import LetheRegistry
import LetheReports
import LetheStorage
import TestSupport
import Testing

@Suite("Auditing a lineage from outside", .enabled(if: Program.has("git")))
struct LineageAuditTests {
    private func codes(_ dossier: Dossier) -> Set<String> {
        Set(dossier.findings.filter(\.isDamage).map(\.code))
    }

    @Test("An honest registry holds in every respect, and nothing stays open")
    func honest() async throws {
        let scene = try await AuditScene()
        let registry = try scene.tiny.open()
        let dossier = try scene.audit(against: registry.checkpoint())
        #expect(dossier.findings.filter(\.isDamage).isEmpty, "\(dossier.findings)")
        #expect(dossier.versionCount == 5)
        for topic in AuditTopic.allCases {
            let tally = dossier.tallies[topic]
            #expect(tally?.checkedCount ?? 0 > 0, "\(topic)")
            #expect(tally?.openCount == 0, "\(topic) \(dossier.findings)")
        }
        let line = try #require(dossier.lines.first)
        #expect(line.versions.map(\.state) == [.erased, .erased, .erased, .erased, .current])
        #expect(line.versions.compactMap(\.certificate).allSatisfy { $0.isRecomputed })
        for version in line.versions {
            let inside = try registry.resolve(Revision(version.name))
            let state = try registry.state(of: inside)
            #expect(state == version.state, "the registry says the same")
        }
    }

    @Test("A plain mirror without objects is enough; what it lacks is said and not passed over")
    func mirror() async throws {
        let scene = try await AuditScene()
        let mirror = try scene.mirror()
        #expect(throws: LetheError.self) { try scene.source(mirror) }
        let bare = try LineageAudit(scene.source(mirror, trusted: scene.keys)).run()
        #expect(bare.isClean && bare.versionCount == 5, "\(bare.findings)")
        #expect(bare.tallies[.log]?.openCount == 1)
        let log = scene.tiny.root.appending(path: "log")
        let saved = try scene.tiny.open().checkpoint()
        let whole = try LineageAudit(
            scene.source(mirror, trusted: scene.keys, log: log), against: saved
        ).run()
        #expect(whole.isClean && whole.log?.savedSize == whole.log?.size, "\(whole.findings)")
        #expect(whole.tallies[.judgements]?.checkedCount == 2)
    }

    @Test("A commit that nobody trusted signed is found, and so is a version that is not logged")
    func unsigned() async throws {
        let scene = try await AuditScene()
        try scene.rewrite("README.md", to: Array("new".utf8), sign: false)
        let found = codes(try scene.audit())
        #expect(found.isSuperset(of: ["signatures-refused", "files-integrity"]), "\(found)")
    }

    @Test("Files, requests and certificates that an operator exchanged later are found")
    func exchanged() async throws {
        let scene = try await AuditScene()
        let line = try #require(try scene.audit().lines.first)
        let id = try #require(line.versions.last?.requests.first?.id)
        var request = try #require(line.requests[id])
        request.classes = [3]
        let saved = try scene.tiny.open().checkpoint()
        let copy = try scene.tiny.copy()
        defer { withExtendedLifetime(copy) {} }
        try scene.rewrite(".lethe/requests/\(id).json", to: request.canonicalBytes())
        let found = codes(try scene.audit(against: saved))
        #expect(found.contains("ancestors-integrity"), "\(found)")
        #expect(found.contains("log-entry-differs"), "\(found)")
        #expect(codes(try scene.audit(copy.root, against: saved)).isEmpty)
    }

    @Test("A certificate whose figures were made nicer by its own verifier does not follow")
    func dishonestVerifier() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        // FakeJudge invents its bounds, as a dishonest verifier would.
        #expect(try await tiny.certify(in: registry).certified != nil)
        let dossier = try LineageAudit(AuditSource(folder: tiny.root)).run()
        #expect(codes(dossier) == ["figures-integrity"], "\(dossier.findings)")
    }

    @Test("A history cut back together with its log shows against a saved checkpoint only")
    func cut() async throws {
        let scene = try await AuditScene()
        let old = try scene.tiny.copy()
        try await scene.tiny.forget([3], in: scene.tiny.open())
        let saved = try scene.tiny.open().checkpoint()
        #expect(try scene.audit(old.root).isClean)
        #expect(codes(try scene.audit(old.root, against: saved)) == ["log-cut"])
        withExtendedLifetime(old) {}
    }

    @Test("The policy that a certificate names is needed to compute its figures again")
    func withoutPolicy() async throws {
        let scene = try await AuditScene()
        let dossier = try LineageAudit(AuditSource(folder: scene.tiny.root)).run()
        #expect(dossier.isClean)
        #expect(dossier.tallies[.figures]?.openCount == 2)
        #expect(dossier.lines[0].versions.compactMap(\.certificate).allSatisfy { !$0.isRecomputed })
    }
}
