import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

/// The records of consumers among schemas/v1/vectors.
@Suite("Vectors of what consumers keep and sign")
struct ConsumerVectorTests {
    private static let records: [String: any Record.Type] = [
        "seen": SeenErasures.self, "pull": PullNote.self, "prune": PruneReceipt.self,
    ]

    private func documents(_ kind: String, _ record: String) throws -> [[UInt8]] {
        let folder = Locations.package.appending(path: "schemas/v1/vectors/\(kind)/\(record)")
        return try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        ).map { [UInt8](try Data(contentsOf: $0)) }
    }

    @Test("The valid ones are read, and written again byte for byte; every invalid one is refused")
    func vectors() throws {
        for (name, type) in Self.records {
            for bytes in try documents("valid", name) {
                #expect(try Self.again(type, bytes) == bytes, "\(name)")
            }
            for bytes in try documents("invalid", name) {
                #expect(throws: LetheError.self, "\(name)") { try type.read(canonical: bytes) }
            }
        }
    }

    private static func again<Content: Record>(
        _ type: Content.Type, _ bytes: [UInt8]
    ) throws -> [UInt8] {
        try type.read(canonical: bytes).canonicalBytes()
    }
}
