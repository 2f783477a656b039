import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

/// `origin` among schemas/v1/vectors, which scripts/check-schemas checks with JSON Schema.
@Suite("Vectors of a clone's origin")
struct OriginVectorTests {
    private func documents(_ kind: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = Locations.package.appending(path: "schemas/v1/vectors/\(kind)/origin")
        return try FileManager.default.contentsOfDirectory(
            at: folder, includingPropertiesForKeys: nil
        ).map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
    }

    @Test("The valid one is read, and written again byte for byte; every invalid one is refused")
    func vectors() throws {
        for (name, bytes) in try documents("valid") {
            #expect(try RegistryOrigin.read(canonical: bytes).canonicalBytes() == bytes, "\(name)")
        }
        let invalid = try documents("invalid")
        #expect(invalid.count >= 8)
        for (name, bytes) in invalid {
            #expect(throws: LetheError.self, "\(name)") {
                try RegistryOrigin.read(canonical: bytes)
            }
        }
    }
}
