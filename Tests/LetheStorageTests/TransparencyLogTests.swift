import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("The log on the disk")
struct TransparencyLogTests {
    let fixture: StorageFixture
    let storage: RegistryStorage

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
    }

    private func leaf(_ number: Int) -> LogLeaf {
        LogLeaf(
            kind: .model, name: "m\(number)", number: 1, operation: "publish",
            time: Timestamp(secondsSince1970: Int64(number)), record: Digest(hashing: []),
            previous: nil, signed: Digest(hashing: []),
            commit: String(repeating: "0", count: 40))
    }

    private func append(
        _ numbers: Range<Int>, to storage: RegistryStorage
    ) throws(LetheError) {
        let leaves = numbers.map(leaf)
        try storage.log.whileLocked(StorageFixture.keeper(storage)) {
            (writing) throws(LetheError) in try writing.append(leaves)
        }
    }

    private func checkpoint(_ storage: RegistryStorage) throws -> Checkpoint {
        let bytes = try storage.log.checkpointBytes()
        return try StorageFixture.keeper(storage).open(#require(bytes))
    }

    /// Everything is there, nothing is left over, and the root is the one of the leaves.
    private func expectWhole(_ storage: RegistryStorage, size: Int) throws {
        let checkpoint = try checkpoint(storage)
        #expect(checkpoint.size == size)
        let scan = LogScan(storage.log, checkpoint: checkpoint)
        var entries: [[UInt8]] = []
        let outcome = try scan.run { entries.append($1) }
        #expect(outcome.findings.isEmpty, "\(outcome.findings)")
        #expect(scan.leftovers().isEmpty, "\(scan.leftovers())")
        #expect(try entries == (0..<size).map { try leaf($0).canonicalBytes() })
        #expect(try storage.log.reading(size: size).root(size: size) == checkpoint.root)
        let names = try FileManager.default.contentsOfDirectory(
            atPath: storage.layout.temporary.path)
        #expect(names.isEmpty)
    }

    @Test("Appended in random batches, the log is whole and every earlier size can still be read")
    func batches() throws {
        let seed = UInt64.random(in: .min ... .max)
        print("the seed of the batches is \(seed)")
        var generator = SplitMix64(seed: seed)
        var size = 0
        var roots: [(size: Int, root: TreeHash)] = []
        for count in [1, 1, 2, 250, 1, 1, 1, Int.random(in: 1...300, using: &generator), 257] {
            try append(size..<(size + count), to: storage)
            size += count
            try expectWhole(storage, size: size)
            roots.append((size, try checkpoint(storage).root))
        }
        for (older, root) in roots {
            let reading = storage.log.reading(size: older)
            #expect(try reading.root(size: older) == root)
            let path = try storage.log.reading(size: size).consistencyPath(from: older, to: size)
            #expect(
                TreeProofs.isConsistent(
                    oldSize: older, oldRoot: root, newSize: size,
                    newRoot: try checkpoint(storage).root, path: path))
            #expect(try storage.log.lastLeaf(size: older) == leaf(older - 1))
        }
    }

    @Test("One entry costs a few files, however long the log is")
    func cost() throws {
        try append(0..<300, to: storage)
        let counter = StepCounter()
        let counting = try fixture.open(beforeStep: counter.hook)
        try append(300..<301, to: counting)
        let written = counter.steps.filter { $0.action == .createFile }.count
        #expect(written == 3, "\(counter.steps)")
        #expect(counter.steps.filter { $0.action == .syncFile }.count == 3)
    }

    @Test("An append whose n-th step fails leaves the old log or the new one", arguments: [0, 255])
    func failing(size: Int) throws {
        if size > 0 { try append(0..<size, to: storage) }
        var number = 1
        while true {
            let copy = try fixture.copy()
            let counter = StepCounter(failing: number)
            let failing = try copy.open(beforeStep: counter.hook)
            do throws(LetheError) { try append(size..<(size + 1), to: failing) } catch {}
            let reopened = try copy.open()
            let found = try reopened.log.checkpointBytes() == nil ? 0 : checkpoint(reopened).size
            #expect(found == size || found == size + 1, "step \(number)")
            if found > 0 {
                let scan = LogScan(reopened.log, checkpoint: try checkpoint(reopened))
                let outcome = try scan.run { (_, _) in }
                #expect(outcome.findings.isEmpty, "step \(number): \(outcome.findings)")
            }
            try append(found..<(size + 3), to: reopened)
            try expectWhole(reopened, size: size + 3)
            if !counter.hasFailed { break }
            number += 1
        }
        #expect(number > 15)
    }

    @Test("A log whose tiles are not its checkpoint's is not written to")
    func damaged() throws {
        try append(0..<3, to: storage)
        let tile = storage.layout.log.appending(path: "tile/0/000.p/3")
        var bytes = try Data(contentsOf: tile)
        bytes[40] ^= 1
        try bytes.write(to: tile)
        let error = #expect(throws: LetheError.self) { try append(3..<4, to: storage) }
        #expect(error?.code == .integrity)
    }

    @Test("A registry that is older than its log starts it with what is there")
    func older() throws {
        let first = try fixture.publish(safetensors([("a", 4, 1)]), in: storage)
        let second = try fixture.publish(safetensors([("a", 4, 2)]), in: storage)
        try FileManager.default.removeItem(at: storage.layout.log)
        let third = try fixture.publish(safetensors([("a", 4, 3)]), in: storage)
        let size = try checkpoint(storage).size
        let commits = try (0..<size).map {
            try LogLeaf.read(canonical: storage.log.entry(at: $0, size: size)).commit
        }
        #expect(commits == [first, second, third].map(\.hex))
    }

    @Test("A writer that loses the race logs nothing")
    func lostRace() throws {
        let first = try fixture.publish(safetensors([("a", 4, 1)]), in: storage)
        try fixture.publish(safetensors([("a", 4, 2)]), in: storage, from: first)
        let error = #expect(throws: LetheError.self) {
            try fixture.publish(safetensors([("a", 4, 3)]), in: storage, from: first)
        }
        #expect(error?.code == .conflict)
        #expect(try checkpoint(storage).size == 2)
    }

    @Test("A version that is logged and whose reference has not moved is moved by the next writer")
    func rolledForward() throws {
        try fixture.publish(safetensors([("a", 4, 1)]), in: storage)
        let line = try ReferenceName.model("faces")
        let tip = try storage.lineage.target(of: line)
        let before = try #require(tip)
        let failing = try fixture.open { (step) throws(LetheError) in
            guard step.action == .moveReference else { return }
            throw LetheError(code: .io, message: "The power went.")
        }
        #expect(throws: LetheError.self) {
            try fixture.publish(safetensors([("a", 4, 2)]), in: failing, from: before)
        }
        let reopened = try fixture.open()
        #expect(try reopened.lineage.target(of: line) == before)
        let last = try reopened.log.lastLeaf(size: 2)
        let logged = try #require(last)
        #expect(try reopened.isPending(logged))
        // A writer of another model brings it to its end.
        try fixture.publish(safetensors([("a", 4, 3)]), in: reopened, on: "other")
        #expect(try reopened.lineage.target(of: line)?.hex == logged.commit)
        #expect(try !reopened.isPending(logged))
        #expect(try checkpoint(reopened).size == 3)
    }
}
