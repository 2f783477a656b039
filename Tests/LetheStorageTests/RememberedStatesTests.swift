import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite(
    "States of a file's hash that are remembered",
    .enabled(if: StreamHasher.hasInstructions, "this processor has no SHA instructions"))
struct RememberedStatesTests {
    let fixture: StorageFixture
    let storage: RegistryStorage
    let bytes: [UInt8]
    let file: StoredFile

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
        // 24 MiB in six parts of 4 MiB, no two alike, and a header that shifts them in their blocks.
        bytes = try safetensors((0..<6).map { ("layer-\($0)", 1 << 20, Float($0) + 0.5) })
        try fixture.publish(bytes, in: storage)
        let url = fixture.temporary.url.appending(path: "again.safetensors")
        try Data(bytes).write(to: url)
        file = try storage.objects.batch().putFile(url)
    }

    private var path: String {
        get throws { storage.objects.statesPath(of: try #require(file.assembly)) }
    }

    private func stretches() throws -> [Stretch] {
        storage.objects.stretches(of: file, try #require(try storage.objects.parts(of: file)))
    }

    private func pulled() throws -> [UInt8] {
        let target = fixture.temporary.url.appending(path: "\(UUID().uuidString).safetensors")
        try storage.objects.materialise(file, to: target)
        return try [UInt8](Data(contentsOf: target))
    }

    private func overwrite(_ path: String, _ bytes: [UInt8]) throws {
        try FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
    }

    @Test("A stored file has them, and with them it is pulled and checked in stretches")
    func stored() throws {
        let stretches = try stretches()
        #expect(stretches.count == 6)
        #expect(stretches.map(\.sizeBytes).reduce(0, +) == bytes.count)
        for stretch in stretches.dropFirst() {
            var hasher = StreamHasher()
            hasher.update(Array(bytes.prefix(stretch.before.lengthBytes)))
            #expect(hasher.state == stretch.before)
        }
        #expect(try pulled() == bytes)
        let report = StoreCheck(storage).run()
        #expect(report.findings.isEmpty && report.assemblyCount == 1, "\(report.findings)")
        #expect(report.objectCount == 8)
    }

    @Test("Any of their bytes may be wrong: what is pulled and what fsck says is the same")
    func wrong() throws {
        let good = try RememberedStates.encode(stretches().dropFirst().map(\.before))
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path))) == good)
        let seed = UInt64.random(in: .min ... .max)
        print("the seed of the flipped bits is \(seed)")
        var random = SplitMix64(seed: seed)
        for _ in 0..<12 {
            var wrong = good
            let place = Int.random(in: wrong.indices, using: &random)
            wrong[place] ^= 1 << UInt8.random(in: 0...7, using: &random)
            try overwrite(path, wrong)
            #expect(try pulled() == bytes, "seed \(seed)")
        }
        #expect(StoreCheck(storage).run().findings.isEmpty)
        for odd in [[], [0], Array(good.dropLast()), Array(good.reversed()), good + good] {
            try overwrite(path, odd)
            #expect(try pulled() == bytes)
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(try stretches().count == 1)
        #expect(try pulled() == bytes)
        #expect(StoreCheck(storage).run().findings.isEmpty)
    }

    @Test("A damaged part is found in spite of them, and named", arguments: [0, 3, 6])
    func damaged(number: Int) throws {
        let part = try storage.objects.assemblyParts(of: file)[number]
        let url = storage.objects.url(of: part.digest)
        var wrong = try [UInt8](Data(contentsOf: url))
        wrong[wrong.count / 2] ^= 1
        try overwrite(url.path, wrong)
        let error = #expect(throws: LetheError.self) { try pulled() }
        #expect(error?.code == .integrity && error?.message.contains(url.path) == true)
        let codes = StoreCheck(storage).run().findings.map(\.code)
        #expect(codes.sorted() == ["file-lost", "object-damaged"])
        #expect(throws: LetheError.self) { try storage.objects.read(file) }
    }

    @Test("States that fit other bytes do not pass those off as the file")
    func forged() throws {
        // Another recipe with the same name of the whole, whose parts are good objects in another
        // order, and states that fit that order.
        var parts = try storage.objects.assemblyParts(of: file)
        parts.swapAt(2, 3)
        for place in parts.indices.dropFirst() {
            parts[place].offset = parts[place - 1].offset + parts[place - 1].length
        }
        let recipe = AssemblyRecipe(
            file: file.digest, sizeBytes: file.sizeBytes, parts: parts)
        let forged = StoredFile(
            digest: file.digest, sizeBytes: file.sizeBytes,
            assembly: try storage.objects.put(try recipe.canonicalBytes()))
        var hasher = StreamHasher()
        var states: [HashState] = []
        for part in parts.dropLast() {
            hasher.update(try storage.objects.read(part.digest))
            states.append(try #require(hasher.state))
        }
        try Data(RememberedStates.encode(states)).write(
            to: URL(
                fileURLWithPath: storage.objects.statesPath(of: try #require(forged.assembly))))
        #expect(storage.objects.stretches(of: forged, parts).count == parts.count)
        let target = fixture.temporary.url.appending(path: "forged.safetensors")
        let error = #expect(throws: LetheError.self) {
            try storage.objects.materialise(forged, to: target)
        }
        #expect(error?.code == .integrity)
        #expect(!FileManager.default.fileExists(atPath: target.path))
        #expect(StoreCheck(storage).run().findings.map(\.code) == ["file-lost"])
    }

    @Test("They go with their recipe, and not before")
    func swept() throws {
        try RememberedStates.sweep(storage.objects)
        #expect(FileManager.default.fileExists(atPath: try path))
        let recipe = storage.objects.url(of: try #require(file.assembly))
        try FileManager.default.removeItem(at: recipe)
        try Data().write(to: storage.layout.states.appending(path: "no-digest"))
        var collection = GarbageCollection(storage, now: Timestamp(Date()))
        collection.isDryRun = true
        _ = try? collection.run()
        #expect(FileManager.default.fileExists(atPath: try path))
        try RememberedStates.sweep(storage.objects)
        #expect(fixture.files("states").isEmpty)
    }
}
