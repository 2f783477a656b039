import Foundation
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@Suite("Merging a delta")
struct DeltaMergeTests {
    private static let golden = Locations.fixtures.appending(path: "merging")
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
    }

    private func merge(base: URL, delta: URL, expecting digest: Digest? = nil) throws -> Data {
        let found = Digest(hashing: Array(try Data(contentsOf: base)))
        var merged = Data()
        try DeltaMerge.merge(base: base, expecting: digest ?? found, delta: delta) {
            merged.append(contentsOf: $0)
        }
        let identity = try DeltaMerge.identity(
            base: base, expecting: digest ?? found, delta: delta)
        #expect(identity.digest == Digest(hashing: merged) && identity.sizeBytes == merged.count)
        return merged
    }

    @Test(
        "F32, F16 and BF16 weights become bit for bit what numpy's float32 makes of them",
        arguments: ["random", "ties", "pointwise"])
    func golden(_ name: String) throws {
        let folder = Self.golden.appending(path: name)
        let base = folder.appending(path: "base.safetensors")
        let merged = try merge(base: base, delta: folder.appending(path: "delta.safetensors"))
        #expect(merged == (try Data(contentsOf: folder.appending(path: "merged.safetensors"))))
        #expect(merged != (try Data(contentsOf: base)))
    }

    @Test("Every byte that no adapted weight covers stays as it was, the header included")
    func otherBytes() throws {
        let base = try Data(
            contentsOf: write(
                [
                    Tensor("a.weight", "F32", [2, 2]), Tensor("b.weight", "I64", [3]),
                    Tensor("c.weight", "F16", [5]),
                ], metadata: ["note": "kept", "format": "pt"]))
        let merged = try merge(
            base: temporary.url.appending(path: "a.safetensors"), delta: delta("a", 2, 2))
        let header = try SafetensorsHeader(parsing: Array(base), fileSizeBytes: base.count)
        let entry = try #require(header["a.weight"])
        let start = header.headerSizeBytes + entry.dataRange.lowerBound
        let range = start..<start + entry.dataRange.count
        #expect(merged.count == base.count)
        for position in base.indices {
            #expect((merged[position] == base[position]) == !isChanged(position, in: range))
        }
    }

    /// 1 + 0.5 in float32 changes the third byte of each number only.
    private func isChanged(_ position: Int, in range: Range<Int>) -> Bool {
        range.contains(position) && (position - range.lowerBound) % 4 == 2
    }

    @Test("A block that the delta does not name keeps its bytes, which adding zero would change")
    func absentBlock() throws {
        let base = try Data(
            contentsOf: write(
                [Tensor("a.weight", "F32", [2, 2]), Tensor("b.weight", "F32", [2, 2], -0.0)]))
        let url = temporary.url.appending(path: "a.safetensors")
        let header = try SafetensorsHeader(parsing: Array(base), fileSizeBytes: base.count)
        let entry = try #require(header["b.weight"])
        let start = header.headerSizeBytes + entry.dataRange.lowerBound
        let range = start..<start + entry.dataRange.count
        let absent = try merge(base: url, delta: delta("a", 2, 2))
        #expect(absent != base && absent[range] == base[range])

        let prefix = "base_model.model.b."
        let zero = try write(
            [
                Tensor("\(prefix)lora_A.weight", "F32", [1, 2]),
                Tensor("\(prefix)lora_B.weight", "F32", [2, 1], 0),
            ], metadata: ["scale": "1"], named: "zero")
        #expect(try merge(base: url, delta: zero)[range] != base[range])
    }

    @Test("A delta that was made for another base is refused")
    func wrongBase() throws {
        _ = try write([Tensor("a.weight", "F32", [2, 2]), Tensor("i.weight", "I64", [2, 2])])
        let base = temporary.url.appending(path: "a.safetensors")
        let cases: [(URL, ErrorCode)] = [
            (try delta("b", 2, 2), .malformed), (try delta("a", 2, 3), .malformed),
            (try delta("a", 3, 2), .malformed), (try delta("i", 2, 2), .unsupported),
        ]
        for (delta, code) in cases {
            let error = #expect(throws: LetheError.self) {
                try merge(base: base, delta: delta)
            }
            #expect(error?.code == code && error?.remedy != nil, "\(delta.path)")
        }
    }

    @Test("A delta made for other weights of the same shapes is refused by its base's digest")
    func wrongDigest() throws {
        let base = try write([Tensor("a.weight", "F32", [2, 2])])
        let other = Digest(hashing: Array("other weights".utf8))
        let error = #expect(throws: LetheError.self) {
            try merge(base: base, delta: delta("a", 2, 2), expecting: other)
        }
        #expect(error?.code == .integrity)
    }

    @Test("Hostile deltas are refused with the reason")
    func hostile() throws {
        _ = try write([Tensor("a.weight", "F32", [2, 2])])
        let base = temporary.url.appending(path: "a.safetensors")
        let prefix = "base_model.model.a."
        let down = Tensor("\(prefix)lora_A.weight", "F32", [1, 2])
        let up = Tensor("\(prefix)lora_B.weight", "F32", [2, 1])
        let cases: [(String, [Tensor], String?)] = [
            ("no scale", [down, up], nil), ("a scale that is no number", [down, up], "one"),
            ("an infinite scale", [down, up], "inf"), ("a scale of NaN", [down, up], "nan"),
            ("nothing", [], "1"), ("only A", [down], "1"), ("only B", [up], "1"),
            ("a third tensor", [down, up, Tensor("x", "F32", [1])], "1"),
            (
                "no prefix",
                [
                    Tensor("a.lora_A.weight", "F32", [1, 2]),
                    Tensor("a.lora_B.weight", "F32", [2, 1]),
                ], "1"
            ),
            ("ranks that differ", [down, Tensor("\(prefix)lora_B.weight", "F32", [2, 2])], "1"),
            ("A of one extent", [Tensor("\(prefix)lora_A.weight", "F32", [2]), up], "1"),
            (
                "B of three extents", [down, Tensor("\(prefix)lora_B.weight", "F32", [2, 1, 1])],
                "1"
            ),
            ("half precision", [down, Tensor("\(prefix)lora_B.weight", "F16", [2, 1])], "1"),
        ]
        for (name, tensors, scale) in cases {
            let delta = try write(
                tensors, metadata: scale.map { ["scale": $0] } ?? [:], named: "hostile")
            let error = #expect(throws: LetheError.self, "\(name)") {
                try merge(base: base, delta: delta)
            }
            #expect(error?.code == .malformed, "\(name)")
        }
        let notOne = temporary.url.appending(path: "noise.safetensors")
        try Data("not a safetensors file at all".utf8).write(to: notOne)
        let error = #expect(throws: LetheError.self) { try merge(base: base, delta: notOne) }
        #expect(error?.code == .malformed)
    }

    @Test("A delta whose numbers are not finite is refused")
    func notFinite() throws {
        _ = try write([Tensor("a.weight", "F32", [2, 2])])
        let base = temporary.url.appending(path: "a.safetensors")
        for value in [Float.nan, .infinity, -.infinity] {
            let delta = try write(
                [
                    Tensor("base_model.model.a.lora_A.weight", "F32", [1, 2], value),
                    Tensor("base_model.model.a.lora_B.weight", "F32", [2, 1]),
                ], metadata: ["scale": "1"], named: "delta")
            let error = #expect(throws: LetheError.self) { try merge(base: base, delta: delta) }
            #expect(error?.code == .numerical)
        }
    }

    /// A tensor filled with one number; for integers and halves, with zero bytes.
    private struct Tensor {
        let name: String
        let type: String
        let shape: [Int]
        let value: Float

        init(_ name: String, _ type: String, _ shape: [Int], _ value: Float = 1) {
            self.name = name
            self.type = type
            self.shape = shape
            self.value = value
        }
    }

    @discardableResult
    private func write(
        _ tensors: [Tensor], metadata: [String: String] = [:], named name: String = "a"
    ) throws -> URL {
        let entries = try SafetensorsHeader.layOut(
            tensors.map { (name: $0.name, elementType: $0.type, shape: $0.shape) })
        let values = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.value) })
        let data = entries.flatMap { entry -> [UInt8] in
            let bits = values[entry.name]!.bitPattern
            guard entry.elementType == "F32" else {
                return Array(repeating: 0, count: entry.dataRange.count)
            }
            return (0..<entry.dataRange.count).map {
                UInt8(truncatingIfNeeded: bits >> ($0 % 4 * 8))
            }
        }
        let url = temporary.url.appending(path: "\(name).safetensors")
        try Data(SafetensorsHeader.encode(entries, metadata: metadata) + data).write(to: url)
        return url
    }

    /// A delta of rank one that adds a half to each weight of a module.
    private func delta(_ module: String, _ rows: Int, _ columns: Int) throws -> URL {
        let prefix = "base_model.model.\(module)."
        return try write(
            [
                Tensor("\(prefix)lora_A.weight", "F32", [1, columns]),
                Tensor("\(prefix)lora_B.weight", "F32", [rows, 1]),
            ], metadata: ["scale": "0.5"], named: "delta-\(UUID().uuidString)")
    }
}
