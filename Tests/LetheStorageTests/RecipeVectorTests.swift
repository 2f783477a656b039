import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

/// The recipes among schemas/v1/vectors, which scripts/check-schemas checks with JSON Schema.
@Suite("Vectors of the recipes")
struct RecipeVectorTests {
    private func documents(_ kind: String) throws -> [(name: String, bytes: [UInt8])] {
        try ["assembly", "derivation"].flatMap { record in
            let folder = Locations.package.appending(path: "schemas/v1/vectors/\(kind)/\(record)")
            return try FileManager.default.contentsOfDirectory(
                at: folder, includingPropertiesForKeys: nil
            ).map { ("\(record)/\($0.lastPathComponent)", [UInt8](try Data(contentsOf: $0))) }
        }
    }

    @Test("Every valid recipe is read, and written again byte for byte")
    func valid() throws {
        let found = try documents("valid")
        #expect(found.count >= 3)
        for (name, bytes) in found {
            switch try FileRecipe(object: bytes) {
            case .assembly(let recipe): #expect(try recipe.canonicalBytes() == bytes, "\(name)")
            case .derivation(let recipe): #expect(try recipe.canonicalBytes() == bytes, "\(name)")
            }
            #expect(FileRecipe.mayBegin(with: bytes), "\(name)")
        }
    }

    @Test("Every invalid recipe is refused")
    func invalid() throws {
        let found = try documents("invalid")
        #expect(found.count >= 20)
        for (name, bytes) in found {
            #expect(throws: LetheError.self, "\(name)") { try FileRecipe(object: bytes) }
        }
    }
}
