import LetheAudit
import LetheCertificates
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@Suite("Certificates that are shown with something else", .enabled(if: Program.has("git")))
struct CertificateMoveTests {
    /// Two certified versions of a line, the second with a request more, and a look at both.
    private struct Pair {
        let scene: AuditScene
        let source: AuditSource
        let old: AuditedVersion
        let new: AuditedVersion

        init() async throws {
            scene = try await AuditScene()
            source = try scene.source()
            let versions = try scene.audit().lines[0].versions.filter { $0.certificate != nil }
            old = try #require(versions.first)
            new = try #require(versions.last)
        }

        func check(
            _ version: AuditedVersion, beside shown: AuditedVersion
        ) throws -> CheckedCertificate {
            let summary = try #require(version.certificate)
            return try CertificateCheck(trusted: source.trusted).check(
                source.lineage.read(summary.file),
                files: shown.manifest.files.map { Subject(name: $0.path, digest: $0.digest) })
        }
    }

    @Test("Moved to another version's files it is refused, and so is a replayed older one")
    func moved() async throws {
        let pair = try await Pair()
        let own = try pair.check(pair.old, beside: pair.old)
        try own.requireIssued(for: pair.old.manifest, requests: pair.old.requests)
        #expect(throws: LetheError.self) { try pair.check(pair.old, beside: pair.new) }
        #expect(throws: LetheError.self) { try pair.check(pair.new, beside: pair.old) }
        // Its own files, shown as if the line had not moved on.
        #expect(throws: LetheError.self) {
            try own.requireIssued(for: pair.new.manifest, requests: pair.new.requests)
        }
    }

    @Test("With a request left out, added or exchanged it is refused")
    func requests() async throws {
        let pair = try await Pair()
        let certificate = try pair.check(pair.new, beside: pair.new)
        try certificate.requireIssued(for: pair.new.manifest, requests: pair.new.requests)
        let wrong = [
            Array(pair.new.requests.dropLast()), Array(pair.new.requests.dropFirst()),
            pair.new.requests + pair.old.requests, [],
        ]
        for requests in wrong {
            #expect(throws: LetheError.self) {
                try certificate.requireIssued(for: pair.new.manifest, requests: requests)
            }
        }
    }
}
