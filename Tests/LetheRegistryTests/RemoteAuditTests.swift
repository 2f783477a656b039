import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("An audit of another registry")
struct RemoteAuditTests {
    @Test("A mirror that has everything honours it; what was only just done is a note")
    func honest() async throws {
        let fixture = try await TransferFixture()
        var report = try audit(fixture)
        #expect(report.isClean && report.findings.isEmpty)
        #expect(report.tally.objectCount == TransferFixture.objects(fixture.target).count)
        try await fixture.source.publish(fixture.source.otherModelFolder, in: fixture.source.open())
        report = try audit(fixture)
        #expect(report.isClean && report.findings.map(\.code) == ["remote-behind"])
    }

    @Test("A mirror that does not know a revocation, or has what was purged, is found")
    func purged() async throws {
        let fixture = try await TransferFixture()
        let registry = try fixture.source.open()
        try await fixture.source.forget([1], in: registry)
        try await fixture.source.certify(in: registry)
        try push(fixture)
        try await fixture.source.keepYardstick(in: registry)
        try push(fixture)
        let kept = try fixture.target.copy()
        let purged = try fixture.source.purge(in: registry)
        var report = try audit(fixture)
        #expect(!report.isClean)
        #expect(
            Set(report.findings.filter(\.isDamage).map(\.code))
                == ["remote-decisions-missing", "remote-has-purged"])
        #expect(
            report.findings.count { $0.code == "remote-has-purged" } == purged.removed.count)

        try push(fixture)
        report = try audit(fixture)
        #expect(report.isClean, "\(report.findings)")
        #expect(report.absentCount == purged.removed.count && report.receiptCount == 1)
        #expect(report.decisionCount >= 2)
        try TransferFixture.expectClean(fixture.target, "after the purge")

        // An operator who puts the bytes back is found, whatever the receipt says.
        for name in TransferFixture.objects(kept).keys
        where TransferFixture.objects(fixture.target)[name] == nil {
            try copyObject(name, from: kept, to: fixture.target)
        }
        report = try audit(fixture)
        #expect(!report.isClean)
        #expect(
            report.findings.count { $0.code == "remote-has-purged" } == purged.removed.count)
    }

    @Test("A poisoned object is named, and so is a missing one")
    func poisoned() async throws {
        let fixture = try await TransferFixture()
        let names = TransferFixture.objects(fixture.target).sorted { $0.key < $1.key }
            .filter { $0.value > 8 }.map(\.key)
        let (first, last) = (try #require(names.first), try #require(names.last))
        try FileManager.default.removeItem(at: url(first, fixture.target))
        var bytes = try Data(contentsOf: url(last, fixture.target))
        bytes[3] ^= 1
        try FileManager.default.removeItem(at: url(last, fixture.target))
        try bytes.write(to: url(last, fixture.target))
        let report = try audit(fixture)
        let found = Dictionary(grouping: report.findings, by: \.code).mapValues { $0.map(\.place) }
        #expect(found["remote-poisoned"]?.contains("sha256:\(last)") == true, "\(found)")
        #expect(found["remote-lacks-object"]?.contains("sha256:\(first)") == true, "\(found)")
        #expect(
            try fixture.source.open().audit(
                remote: .folder(fixture.target.root), readsObjects: false
            ).isClean, "nothing was read")
    }

    @Test("A mirror that tells another history is found")
    func differs() async throws {
        let fixture = try await TransferFixture()
        try await fixture.source.publish(fixture.source.otherModelFolder, in: fixture.source.open())
        try await fixture.source.forget([1], in: fixture.source.open())
        let other = try await TransferFixture()
        let report = try fixture.source.open().audit(remote: .folder(other.target.root))
        #expect(Set(report.findings.map(\.code)).isSuperset(of: ["remote-differs"]))
        #expect(report.findings.contains { $0.code == "remote-untrusted" })
    }

    private func audit(_ fixture: TransferFixture) throws -> RemoteAudit {
        try fixture.source.open().audit(remote: .folder(fixture.target.root))
    }

    private func push(_ fixture: TransferFixture) throws {
        let report = try fixture.source.open().push(
            [], to: .folder(fixture.target.root), now: TinyRegistry.now,
            keys: { (_) throws(LetheError) in try fixture.target.keys() }, progress: { _ in })
        #expect(report.failure == nil)
    }

    private func url(_ name: String, _ tiny: TinyRegistry) -> URL {
        tiny.root.appending(path: "objects/sha256/\(name.prefix(2))/\(name.dropFirst(2))")
    }

    private func copyObject(_ name: String, from: TinyRegistry, to: TinyRegistry) throws {
        try FileManager.default.createDirectory(
            at: url(name, to).deletingLastPathComponent(), withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: url(name, from), to: url(name, to))
    }
}
