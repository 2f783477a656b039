import Foundation
import LetheCertificates
import LetheRecords
import TestSupport
import Testing

@testable import LetheAudit

@Suite("Statements in predicates that others defined", .enabled(if: Program.has("git")))
struct StatementTests {
    private func statements(_ scene: AuditScene, key: URL? = nil) throws -> String {
        let source = try scene.source()
        let folder = scene.tiny.folder("pack-\(UUID().uuidString)")
        try EvidencePack.write(
            LineageAudit(source).run(), from: source, to: folder, at: TinyRegistry.now,
            signedBy: key)
        let name = key == nil ? "faces.statements.jsonl" : "faces.intoto.jsonl"
        return try String(
            contentsOf: folder.appending(path: "statements/\(name)"), encoding: .utf8)
    }

    @Test("Each edge has its provenance, each verdict a test result and a verification result")
    func derived() async throws {
        let scene = try await AuditScene()
        let lines = try statements(scene).split(separator: "\n").map {
            try StrictJSON.parse(Array($0.utf8))
        }
        let types = Dictionary(grouping: lines) { $0["predicateType"]?.stringValue ?? "" }
        #expect(
            types.mapValues(\.count) == [
                Provenance.predicateType: 5, TestResult.predicateType: 2,
                VerificationResult.predicateType: 2, VerificationSummary.predicateType: 2,
            ])
        let dossier = try scene.audit()
        let edges = types[Provenance.predicateType] ?? []
        for (statement, version) in zip(edges, dossier.lines[0].versions) {
            let subjects = statement["subject"]?.arrayValue ?? []
            #expect(subjects.count == version.manifest.files.count)
            let found =
                statement["predicate"]?["buildDefinition"]?["resolvedDependencies"]?
                .arrayValue?.compactMap { $0["digest"]?["sha256"]?.stringValue } ?? []
            let parent = version.manifest.parent.map { [$0.hex] } ?? []
            #expect(Set(found).isSuperset(of: parent + version.requests.map(\.digest.hex)))
        }
        let result = types[TestResult.predicateType]?.last?["predicate"]
        #expect(result?["result"]?.stringValue == "PASSED")
        #expect(result?["failedTests"]?.arrayValue?.isEmpty == true)
        let verification = types[VerificationResult.predicateType]?.last?["predicate"]
        let properties = verification?["properties"]?.arrayValue?.compactMap(\.stringValue) ?? []
        #expect(properties.contains("LETHE_FORGET_TIER_1"))
        #expect(properties.count { $0.hasPrefix("LETHE_REQUEST_HONOURED_r-") } == 2)
        #expect(verification?["verifier"]?["policies"]?.arrayValue?.count == 1)
        let summary = types[VerificationSummary.predicateType]?.last?["predicate"]
        #expect(summary?["verificationResult"]?.stringValue == "PASSED")
        let levels = summary?["verifiedLevels"]?.arrayValue?.compactMap(\.stringValue)
        #expect(levels == ["LETHE_FORGET_TIER_1"])
        let certificate = dossier.lines[0].versions.last?.certificate?.digest.hex
        #expect(certificate != nil)
        let input = summary?["inputAttestations"]?.arrayValue?.first
        #expect(input?["digest"]?["sha256"]?.stringValue == certificate)
    }

    @Test("The auditor's key signs each of them; the registry's own files stay as they are")
    func signed() async throws {
        let scene = try await AuditScene()
        let key = SigningKey()
        let file = scene.tiny.folder("auditor.pem")
        try key.write(to: file)
        let plain = try statements(scene).split(separator: "\n")
        let signed = try statements(scene, key: file).split(separator: "\n")
        #expect(plain.count == signed.count)
        for (payload, line) in zip(plain, signed) {
            let envelope = try Envelope(fileBytes: Array(line.utf8))
            #expect(try envelope.isSigned(by: key.verifyingKey))
            #expect(envelope.payload == Array(payload.utf8))
        }
    }
}
