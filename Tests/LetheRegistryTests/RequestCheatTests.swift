import LetheCertificates
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@testable import LetheRegistry

@Suite("Cheating with the life of a request")
struct RequestCheatTests {
    let clone: TinyRegistry
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        let first = try TinyRegistry()
        let opened = try first.open()
        try await first.publish(in: opened)
        try await first.addDataset(in: opened)
        try await first.identifiedRequest(in: opened)
        clone = try first.cloned()
        tiny = clone.source
        registry = try tiny.open()
    }

    /// Writes a step without asking whether it may follow, signed as any other.
    private func write(_ kind: CaseStep.Kind, key: String?) throws {
        let id = try #require(registry.caseFiles().first).opening.id
        let keys = try tiny.keys()
        let own = try keys.operatorKey.verifyingKey.identifier
        let step = CaseStep(
            case: id, step: kind, operatorKey: key ?? own, created: TinyRegistry.now)
        try RecordLine(registry: registry, reference: .request(id)).append(
            step.canonicalBytes(), as: #require(RecordLine.Step(rawValue: kind.rawValue)),
            summary: "A cheat", keys: keys, now: TinyRegistry.now)
    }

    private func expectFound() async throws {
        let findings = try tiny.check(registry).findings
        #expect(findings.contains { $0.isDamage && $0.place.hasPrefix("refs/requests/") })
        let copy = try clone.open()
        let report = try copy.fetch([], from: tiny.root, keys: tiny.keys(), progress: { _ in })
        #expect(report.failure != nil)
        #expect(try copy.caseFiles().map(\.state) == [.identified])
    }

    @Test("A step that was written past the order is found")
    func order() async throws {
        try write(.closed, key: nil)
        try await expectFound()
        #expect(throws: LetheError.self) { try registry.caseFiles() }
    }

    @Test("An acceptance under somebody else's key is found")
    func key() async throws {
        try write(.accepted, key: "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU")
        try await expectFound()
    }
}
