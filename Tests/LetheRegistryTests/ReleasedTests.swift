import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

/// Registries that released versions wrote, kept by scripts/make-released and never changed.
@Suite("Registries of released versions")
struct ReleasedTests {
    private static let folder = Locations.package.appending(path: "registry/released")
    private static let versions =
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

    private func copy(_ version: String) throws -> (TemporaryFolder, URL) {
        let temporary = try TemporaryFolder()
        let root = temporary.url.appending(path: "registry")
        try FileManager.default.copyItem(at: Self.folder.appending(path: version), to: root)
        return (temporary, root)
    }

    @Test("Every released version is kept, this one included")
    func kept() {
        #expect(Self.versions.contains(letheVersion))
    }

    @Test("It opens, passes the check, and its certified version is pulled", arguments: versions)
    func opens(_ version: String) throws {
        let (temporary, root) = try copy(version)
        let registry = try Registry(opening: root)
        let report = try registry.check(progress: { _ in })
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.commitCount >= 4 && report.pointerCount >= 1)
        let target = temporary.url.appending(path: "pulled")
        let outcome = try registry.pull(
            Revision("faces@certified"), to: target, allowingUncertified: false,
            progress: { _ in })
        #expect(outcome.isCertified)
        _ = try CertificateFiles.check(
            certificate: target.appending(path: Registry.certificateName), folder: target,
            allowedSigners: root.appending(path: "keys/allowed_signers"))
    }

    @Test("It can be cloned, and the clone can be written", arguments: versions)
    func cloned(_ version: String) async throws {
        let (temporary, root) = try copy(version)
        let keys = try KeyFolder.create(at: temporary.url.appending(path: "keys"))
        let clone = try Registry.clone(
            root, to: temporary.url.appending(path: "clone"), keys: keys, now: TinyRegistry.now,
            progress: { _ in })
        #expect(clone.report.failure == nil)
        let model = temporary.url.appending(path: "model")
        try TinyModel.write(to: model, shift: 3)
        let next = try await clone.registry.publish(
            model, as: "faces", engine: FakeEngine(), keys: keys, now: TinyRegistry.now,
            progress: { _ in })
        #expect(next.manifest.requests.count == 1)
        let report = try clone.registry.check(progress: { _ in })
        #expect(report.findings.isEmpty, "\(report.findings)")
    }
}
