import Foundation
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@testable import LetheRegistry

@Suite("A model in shards")
struct ShardTests {
    let tiny: TinyRegistry
    let folder: URL

    init() throws {
        tiny = try TinyRegistry()
        folder = tiny.folder("sharded")
        try TinyModel.write(to: folder)
        let whole = folder.appending(path: "model.safetensors")
        let second = tiny.otherModelFolder.appending(path: "model.safetensors")
        try FileManager.default.moveItem(
            at: whole, to: folder.appending(path: "model-00001-of-00002.safetensors"))
        try Data(renamed(Data(contentsOf: second)))
            .write(to: folder.appending(path: "model-00002-of-00002.safetensors"))
        try index(Self.map)
    }

    static let map = [
        "classifier.weight": "model-00001-of-00002.safetensors",
        "encoder.dense.weight": "model-00001-of-00002.safetensors",
        "classifieR.weight": "model-00002-of-00002.safetensors",
        "encodeR.dense.weight": "model-00002-of-00002.safetensors",
    ]

    /// The same file with other tensor names of the same length.
    private func renamed(_ data: Data) -> [UInt8] {
        let text = [("classifier.weight", "classifieR.weight"), ("encoder.dense", "encodeR.dense")]
        return text.reduce([UInt8](data)) { bytes, pair in
            guard let found = bytes.firstRange(of: Array(pair.0.utf8)) else { return bytes }
            return Array(bytes[..<found.lowerBound]) + Array(pair.1.utf8)
                + Array(bytes[found.upperBound...])
        }
    }

    private func index(_ map: [String: String]) throws {
        let text = try JSONSerialization.data(withJSONObject: [
            "metadata": ["total_size": 1], "weight_map": map,
        ])
        try text.write(to: folder.appending(path: ShardIndex.name))
    }

    @Test("It is published, comes back byte for byte, and the registry is clean")
    func published() throws {
        let source = try ModelFolder(folder)
        #expect(
            source.names.filter { $0.hasPrefix("model") } == [
                "model.safetensors.index.json", "model-00001-of-00002.safetensors",
                "model-00002-of-00002.safetensors",
            ])
        let registry = try tiny.open()
        let version = try registry.add(
            source, as: "sharded", onto: nil, operation: .publish, run: nil, summary: "Publish",
            keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
        let target = tiny.folder("pulled")
        _ = try registry.pull(
            Revision("sharded@latest"), to: target, allowingUncertified: true, progress: { _ in })
        for name in source.names where name != "README.md" {
            #expect(
                try Data(contentsOf: target.appending(path: name))
                    == Data(contentsOf: folder.appending(path: name)), "\(name)")
        }
        #expect(try registry.check(progress: { _ in }).findings.isEmpty)
        let error = #expect(throws: LetheError.self) { try version.weights() }
        #expect(error?.code == .unsupported)
    }

    @Test(
        "An index that does not say exactly what is there is refused",
        arguments: [
            ["classifier.weight": "../model-00001-of-00001.safetensors"],
            ["classifier.weight": "/etc/passwd"],
            ["classifier.weight": "model-00001-of-00001.safetensors"],
            map.merging(["ghost": "model-00002-of-00002.safetensors"]) { $1 },
            map.merging(["ghost": "model-00003-of-00003.safetensors"]) { $1 },
            map.filter { $0.key != "classifieR.weight" },
            map.merging(["classifier.weight": "model-00002-of-00002.safetensors"]) { $1 }, [:],
        ])
    func refused(map: [String: String]) throws {
        try index(map)
        let error = #expect(throws: LetheError.self) { try ModelFolder(folder) }
        #expect(error?.code == .malformed || error?.code == .notFound)
    }

    @Test("A stray shard, a missing shard, and a whole file beside the shards are refused")
    func strays() throws {
        let stray = folder.appending(path: "model-00003-of-00003.safetensors")
        try Data([1]).write(to: stray)
        var error = #expect(throws: LetheError.self) { try ModelFolder(folder) }
        #expect(error?.message.contains("model-00003") == true)
        let second = folder.appending(path: "model-00002-of-00002.safetensors")
        try FileManager.default.removeItem(at: stray)
        try FileManager.default.moveItem(at: second, to: stray)
        error = #expect(throws: LetheError.self) { try ModelFolder(folder) }
        try FileManager.default.moveItem(at: stray, to: second)
        _ = try ModelFolder(folder)
        try Data([1]).write(to: folder.appending(path: "model.safetensors"))
        error = #expect(throws: LetheError.self) { try ModelFolder(folder) }
        #expect(error?.code == .malformed)
    }

    @Test("A new line in the README is a new version; the same folder again is not")
    func editedCard() throws {
        let registry = try tiny.open()
        func publish() throws -> Version {
            try registry.add(
                ModelFolder(folder), as: "sharded", onto: registry.tip(of: "sharded"),
                operation: .publish, run: nil, summary: "Publish", keys: tiny.keys(),
                now: TinyRegistry.now, rereading: false, progress: { _ in })
        }
        let card = folder.appending(path: "README.md")
        try "# One\n".write(to: card, atomically: true, encoding: .utf8)
        #expect(try publish().manifest.number == 1)
        #expect(try publish().manifest.number == 1)
        try "# One\n\nTwo.\n".write(to: card, atomically: true, encoding: .utf8)
        #expect(try publish().manifest.number == 2)
        #expect(try publish().manifest.number == 2)
        try FileManager.default.removeItem(at: card)
        #expect(try publish().manifest.number == 2)
    }
}
