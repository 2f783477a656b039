import Foundation
import LetheCertificates
import LetheRecords
import TestSupport
import Testing

/// Documents of schemas/v1/vectors, made by scripts/golden/record_vectors.py.
private func documents(_ kind: String, _ record: String) throws -> [(name: String, [UInt8])] {
    let folder = Locations.package.appending(path: "schemas/v1/vectors/\(kind)/\(record)")
    let files = try FileManager.default.contentsOfDirectory(
        at: folder, includingPropertiesForKeys: nil)
    #expect(!files.isEmpty)
    return try files.map { ($0.lastPathComponent, [UInt8](try Data(contentsOf: $0))) }
}

@Suite("Vectors of statement and envelope")
struct VectorTests {
    @Test("Valid statements are read, and written again byte for byte; invalid ones are refused")
    func statements() throws {
        typealias Content = Statement<ForgetVerdict>
        for (name, bytes) in try documents("valid", "statement") {
            let statement = try CanonicalJSON.decode(Content.self, from: bytes)
            #expect(try CanonicalJSON.encode(statement) == bytes, "\(name)")
        }
        for (name, bytes) in try documents("invalid", "statement") {
            #expect(throws: LetheError.self, "\(name)") {
                try CanonicalJSON.decode(Content.self, from: bytes)
            }
        }
    }

    @Test("Valid envelopes are read, and written again byte for byte; invalid ones are refused")
    func envelopes() throws {
        for (name, bytes) in try documents("valid", "envelope") {
            #expect(try Envelope(fileBytes: bytes).fileBytes() == bytes, "\(name)")
        }
        for (name, bytes) in try documents("invalid", "envelope") {
            #expect(throws: LetheError.self, "\(name)") { try Envelope(fileBytes: bytes) }
        }
    }
}
