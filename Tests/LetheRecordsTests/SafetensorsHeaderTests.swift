import Foundation
import LetheRecords
import TestSupport
import Testing

/// Files made by scripts/golden/hostile_safetensors.py.
private func fixture(_ name: String) throws -> [UInt8] {
    let file = Locations.fixtures.appending(path: "safetensors/\(name).safetensors")
    return [UInt8](try Data(contentsOf: file))
}

private func parse(_ file: [UInt8]) throws(LetheError) -> SafetensorsHeader {
    try SafetensorsHeader(parsing: file, fileSizeBytes: file.count)
}

@Suite("The header of safetensors files")
struct SafetensorsHeaderTests {
    @Test("A file of the Python library is read with every tensor in its place")
    func readsMixedFile() throws {
        let header = try parse(try fixture("good/mixed"))
        #expect(header.metadata == ["format": "pt"])
        #expect(header.entries.count == 10)
        #expect(header["z.weight"]?.shape == [3, 4])
        #expect(header["z.weight"]?.elementType == "F32")
        #expect(header["scalar"]?.shape == [])
        #expect(header["scalar"]?.dataRange.count == 4)
        #expect(header["nothing"]?.dataRange.isEmpty == true)
        #expect(header["näme \"quoted\" \\ \t"]?.elementType == "I16")
        #expect(header["absent"] == nil)
        #expect(header.fileSizeBytes == (try fixture("good/mixed")).count)
    }

    @Test(
        "The header that we write is byte for byte the Python library's",
        arguments: ["good/mixed", "good/one-tensor", "good/no-tensors"])
    func writesAsPythonDoes(name: String) throws {
        let header = try parse(try fixture(name))
        let tensors = header.entries.map {
            (name: $0.name, elementType: $0.elementType, shape: $0.shape)
        }
        let entries = try SafetensorsHeader.layOut(tensors.shuffled())
        #expect(SafetensorsHeader.encode(entries, metadata: header.metadata) == header.bytes)
    }

    @Test("An unusual spelling is read, and its bytes are kept for writing the same file again")
    func keepsBytes() throws {
        let file = try fixture("good/unusual-but-legal")
        let header = try parse(file)
        #expect(header.entries.map(\.name) == ["a", "b"])
        #expect(header.entries.map(\.shape) == [[], [1]])
        #expect(header.bytes + file[header.headerSizeBytes...] == file)
        #expect(SafetensorsHeader.encode(header.entries) != header.bytes)
    }

    @Test("A hostile file is refused with its reason")
    func hostileFiles() throws {
        let folder = Locations.fixtures.appending(path: "safetensors/hostile")
        let reasons = try JSONDecoder().decode(
            [String: String].self, from: Data(contentsOf: folder.appending(path: "reasons.json")))
        #expect(reasons.count >= 50)
        for (name, reason) in reasons {
            let file = try fixture("hostile/\(name)")
            let error = #expect(throws: LetheError.self, "\(name)") { try parse(file) }
            #expect(error?.code == .malformed)
            #expect(error?.message.contains(reason) == true, "\(name): \(error?.message ?? "")")
        }
    }

    @Test("Random tensors are laid out, written and read again")
    func randomHeaders() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        for _ in 0..<40 {
            let tensors = Self.randomTensors(&generator)
            let entries = try SafetensorsHeader.layOut(tensors)
            let metadata = Bool.random(using: &generator) ? ["made by": "a\u{1}b\"\\é"] : [:]
            let bytes = SafetensorsHeader.encode(entries, metadata: metadata)
            let dataSize = entries.last?.dataRange.upperBound ?? 0
            let header = try SafetensorsHeader(
                parsing: bytes, fileSizeBytes: bytes.count + dataSize)
            #expect(Set(header.entries) == Set(entries), "seed \(seed)")
            #expect(header.metadata == metadata, "seed \(seed)")
            #expect(header.bytes == bytes && bytes.count.isMultiple(of: 8), "seed \(seed)")
            for wrong in [-1, 1] {
                #expect(throws: LetheError.self, "seed \(seed)") {
                    try SafetensorsHeader(
                        parsing: bytes, fileSizeBytes: bytes.count + dataSize + wrong)
                }
            }
        }
    }

    @Test("Whatever random damage is still read covers the data without holes or overlaps")
    func randomDamage() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SplitMix64(seed: seed)
        let original = try fixture("good/mixed")
        let length = try SafetensorsHeader.jsonLength(ofFirstEight: original) + 8
        for _ in 0..<300 {
            var file = original
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                file[Int.random(in: 0..<length, using: &generator)] = UInt8.random(
                    in: 0...255, using: &generator)
            }
            guard let header = try? parse(file) else { continue }
            var end = 0
            for entry in header.entries {
                #expect(entry.dataRange.lowerBound == end, "seed \(seed)")
                end = entry.dataRange.upperBound
            }
            #expect(header.headerSizeBytes + end == file.count, "seed \(seed)")
        }
    }

    @Test("Two tensors of one name, or one named __metadata__, are not laid out")
    func refusesNames() {
        let tensor = (name: "a", elementType: "F32", shape: [1])
        #expect(throws: LetheError.self) { try SafetensorsHeader.layOut([tensor, tensor]) }
        #expect(throws: LetheError.self) {
            try SafetensorsHeader.layOut([("__metadata__", "F32", [1])])
        }
        #expect(throws: LetheError.self) { try SafetensorsHeader.layOut([("a", "F31", [1])]) }
        #expect(throws: LetheError.self) { try SafetensorsHeader.layOut([("a", "F32", [-1])]) }
    }

    private static func randomTensors(
        _ generator: inout SplitMix64
    ) -> [(name: String, elementType: String, shape: [Int])] {
        let types = SafetensorsElementType.allCases.filter { $0.sizeBits.isMultiple(of: 8) }
        return (0..<Int.random(in: 0...12, using: &generator)).map { number in
            let type = types[Int.random(in: 0..<types.count, using: &generator)]
            let rank = Int.random(in: 0...4, using: &generator)
            let shape = (0..<rank).map { _ in Int.random(in: 0...9, using: &generator) }
            let prefix = ["", "é", "\"", "\u{1F600}"][Int.random(in: 0..<4, using: &generator)]
            return (name: prefix + "t\(number)", elementType: type.rawValue, shape: shape)
        }
    }
}
