import Foundation
import LetheRecords
import TestSupport
import Testing

/// The documents of schemas/v1/vectors, made by scripts/golden/record_vectors.py and checked
/// against the JSON Schemas by scripts/check-schemas.
enum Vectors {
    static let root = Locations.package.appending(path: "schemas/v1/vectors")

    static func documents(_ kind: String, _ record: String) throws -> [(name: String, [UInt8])] {
        let folder = root.appending(path: kind).appending(path: record)
        let files = try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil)
        return try files.map {
            (record + "/" + $0.lastPathComponent, [UInt8](try Data(contentsOf: $0)))
        }
    }

    static func records(_ kind: String) throws -> Set<String> {
        let folder = root.appending(path: kind)
        return Set(try FileManager.default.contentsOfDirectory(atPath: folder.path))
    }
}

@Suite("Vectors of the schemas")
struct VectorTests {
    private static let records: [String: any Record.Type] = [
        "registry": RegistryDescription.self, "request": ForgetRequest.self,
        "samples": SampleList.self,
        "dataset": DatasetRecord.self, "recipe": Recipe.self, "policy": Policy.self,
        "log-entry": LogLeaf.self, "report": JudgeReport.self, "verdict": ForgetVerdict.self,
        "version": VersionManifest.self, "judgement": JudgementEntry.self,
        "s3t-plan": ShardPlanRecord.self, "deletion": Deletion.self,
        "ensemble": EnsembleRecord.self, "revocation": Revocation.self,
        "tombstones": Tombstones.self, "receipt": DeletionReceipt.self,
        "yardstick": Yardstick.self, "copies": RegisteredCopies.self,
        "tokens": AccessTokens.self,
        "case": ErasureCase.self, "case-step": CaseStep.self,
    ]

    @Test("Every valid document is read, and written again byte for byte")
    func valid() throws {
        for (name, type) in Self.records {
            for (file, bytes) in try Vectors.documents("valid", name) {
                #expect(throws: Never.self, "\(file)") { try Self.roundTrip(type, bytes, file) }
            }
        }
    }

    @Test("Every invalid document is refused, as a program's record and as a person's")
    func invalid() throws {
        for (name, type) in Self.records {
            for (file, bytes) in try Vectors.documents("invalid", name) {
                #expect(throws: LetheError.self, "\(file)") { try type.read(canonical: bytes) }
                #expect(throws: LetheError.self, "\(file)") { try type.read(handwritten: bytes) }
            }
        }
    }

    @Test("Another spelling is refused for a program's record and read for a person's")
    func notCanonical() throws {
        for name in try Vectors.records("not-canonical") {
            let type = try #require(Self.records[name])
            for (file, bytes) in try Vectors.documents("not-canonical", name) {
                #expect(throws: LetheError.self, "\(file)") { try type.read(canonical: bytes) }
                #expect(throws: Never.self, "\(file)") { try type.read(handwritten: bytes) }
            }
        }
    }

    @Test("Every record has vectors, and every vector a reader that tests it")
    func complete() throws {
        let elsewhere: Set<String> = [
            "statement", "envelope", "assembly", "derivation", "origin", "seen", "pull", "prune",
            "remotes", "remote-state",
        ]
        #expect(try Vectors.records("valid") == Set(Self.records.keys).union(elsewhere))
        #expect(try Vectors.records("invalid") == Set(Self.records.keys).union(elsewhere))
    }

    private static func roundTrip<Content: Record>(
        _ type: Content.Type, _ bytes: [UInt8], _ file: String
    ) throws {
        let record = try type.read(canonical: bytes)
        #expect(try record.canonicalBytes() == bytes, "\(file)")
        #expect(try record.digest() == Digest(hashing: bytes), "\(file)")
    }
}

@Suite("Records")
struct RecordTests {
    @Test("A request's name follows from what it asks")
    func requestIdentifier() throws {
        func request(_ classes: [Int], reference: String? = nil) throws -> ForgetRequest {
            try ForgetRequest(
                model: "m", received: Timestamp(secondsSince1970: 0), classes: classes,
                dataset: DatasetReference(name: "d", digest: Digest(hashing: [])), sampleCount: 3,
                commitment: Digest(hashing: [1]), reference: reference)
        }
        let one = try request([3, 1])
        #expect(one.classes == [1, 3])
        #expect(one.id.wholeMatch(of: /r-[0-9a-f]{12}/) != nil)
        #expect(try request([1, 3]) == one)
        #expect(try request([1, 4]).id != one.id)
        #expect(try request([1, 3], reference: "x").id != one.id)
    }

    @Test("Only the one spelling of a moment is read")
    func timestamp() {
        #expect(Timestamp("2026-11-22T12:30:00Z")?.secondsSince1970 == 1_795_350_600)
        #expect(Timestamp(secondsSince1970: 0).description == "1970-01-01T00:00:00Z")
        for wrong in [
            "2026-11-22T12:30:00+00:00", "2026-11-22T12:30:00.000Z", "2026-11-22t12:30:00z",
            "2026-11-22 12:30:00Z", "2026-11-22T12:30Z", "2026-02-30T00:00:00Z",
            "2026-11-22T24:00:00Z", "2026-11-22T12:30:60Z", "20261122T123000Z", "",
            "2026-11-22T12:30:00Z ",
        ] {
            #expect(Timestamp(wrong) == nil, "\(wrong)")
        }
    }
}
