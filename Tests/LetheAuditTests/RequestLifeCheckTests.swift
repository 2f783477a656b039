import Foundation
import LetheAudit
import LetheCertificates
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@testable import LetheRegistry

@Suite("Auditing the lives of requests and the epochs of lines", .enabled(if: Program.has("git")))
struct RequestLifeCheckTests {
    /// A registry whose one request is accepted, run and certified, as it is written by Lethe.
    private struct Scene {
        let audited: AuditScene
        let registry: Registry
        let file: CaseFile

        init() async throws {
            audited = try await AuditScene()
            registry = try audited.tiny.open()
            file = try #require(registry.caseFiles().first)
        }

        private init(audited: AuditScene, registry: Registry, file: CaseFile) {
            self.audited = audited
            self.registry = registry
            self.file = file
        }

        /// The same registry with a request for the other class, of which nothing was done yet.
        func withSecondRequest() async throws -> Scene {
            let order = CaseOrder(
                model: TinyRegistry.model, dataset: TinyRegistry.dataset, classes: [2],
                basis: .objection, requester: "case 2", received: TinyRegistry.now)
            let second = try await registry.receive(
                order, engine: FakeEngine(), keys: audited.tiny.keys(), now: TinyRegistry.now,
                progress: { _ in })
            return Scene(audited: audited, registry: registry, file: second)
        }

        /// Writes a step without asking whether it may follow.
        func write(
            _ kind: CaseStep.Kind, at time: Timestamp = TinyRegistry.now,
            _ fill: (inout CaseStep) -> Void = { _ in }
        ) throws {
            let keys = try audited.tiny.keys()
            var step = CaseStep(
                case: file.opening.id, step: kind,
                operatorKey: try keys.operatorKey.verifyingKey.identifier, created: time)
            fill(&step)
            let place = try #require(RecordLine.Step(rawValue: kind.rawValue))
            try RecordLine(registry: registry, reference: .request(file.opening.id)).append(
                step.canonicalBytes(), as: place, summary: "A cheat", keys: keys, now: time)
        }

        func damage() throws -> [String] {
            try audited.audit().findings.filter(\.isDamage).map(\.code)
        }

        func notes() throws -> [String] {
            try audited.audit().findings.filter { !$0.isDamage }.map(\.code)
        }
    }

    @Test("A life that Lethe wrote holds, from the letter to what is gone")
    func honest() async throws {
        let scene = try await Scene()
        #expect(scene.file.state == .propagated)
        let dossier = try scene.audited.audit()
        #expect(dossier.isClean, "\(dossier.findings)")
        #expect(dossier.tallies[.requests]?.failedCount == 0)
        // Each record is looked at twice: as a file of its commit, and as a step of the life.
        #expect(dossier.tallies[.requests]?.checkedCount == 2 * (scene.file.steps.count + 1))
        #expect(dossier.tallies[.epochs]?.checkedCount == 2)
    }

    @Test("A step that is out of order, or under another's key, is found")
    func order() async throws {
        let scene = try await Scene()
        try scene.write(.closed)
        #expect(try scene.damage() == ["requests-refused"])
        let other = try await Scene()
        try other.write(.notified) {
            $0.operatorKey = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
            $0.recipientCount = 0
        }
        #expect(try other.damage() == ["requests-integrity"])
    }

    @Test("A step that is dated otherwise than its commit is found")
    func dated() async throws {
        let scene = try await Scene()
        let earlier = TinyRegistry.now.secondsSince1970 - 86_400
        try scene.write(.notified) {
            $0.created = Timestamp(secondsSince1970: earlier)
            $0.recipientCount = 0
        }
        #expect(try scene.damage() == ["requests-integrity"])
    }

    @Test("A version, a request or a certificate that a step only claims is found")
    func claims() async throws {
        let changes: [(inout CaseStep) -> Void] = [
            { $0.version?.manifest = Digest(hashing: [1]) }, { $0.requests = [] },
            { $0.certificate = Digest(hashing: [2]) },
        ]
        for change in changes {
            let tiny = try await Scene()
            let scene = try await tiny.withSecondRequest()
            try scene.write(.identified)
            try scene.write(.accepted)
            let done = try #require(tiny.file.newest(.verified))
            let requests = try tiny.audited.audit().lines[0].versions.last?.requests
            try scene.write(.run) {
                $0.version = done.version
                $0.requests = requests
            }
            try scene.write(.verified) {
                $0.version = done.version
                $0.requests = requests
                $0.certificate = done.certificate
                change(&$0)
            }
            #expect(try !scene.damage().isEmpty)
        }
    }

    @Test("An answer after the due date is said, and so is none at all")
    func due() async throws {
        let scene = try await Scene()
        let late = Timestamp(secondsSince1970: TinyRegistry.now.secondsSince1970 + 40 * 86_400)
        try scene.write(.notified, at: late) { $0.recipientCount = 0 }
        #expect(try scene.damage().isEmpty)
        #expect(try scene.notes().contains("request-overdue"))
        try scene.write(.closed, at: late)
        #expect(try scene.notes().contains("request-late"))
    }

    @Test("A policy at hand that wants four eyes is compared with who accepted")
    func fourEyes() async throws {
        let scene = try await Scene()
        var policy = try scene.registry.policy(named: "default")
        policy.requests = RequestRules(approvalMinimum: 2)
        try Data(policy.canonicalBytes()).write(
            to: scene.audited.tiny.root.appending(path: "policies/strict.json"))
        #expect(try scene.notes().contains("request-few-approvals"))
    }

    @Test("A certified version that dropped a request of the one before lowers the epoch")
    func epochs() async throws {
        let scene = try await Scene()
        let tip = try scene.registry.resolve(Revision(TinyRegistry.model))
        var manifest = tip.manifest
        // In place of the tip; the certified version before it covers one request.
        manifest.requests = []
        try scene.audited.rewrite(".lethe/version.json", to: manifest.canonicalBytes())
        let damage = try scene.damage()
        #expect(damage.contains("epochs-integrity"), "\(damage)")
    }
}
