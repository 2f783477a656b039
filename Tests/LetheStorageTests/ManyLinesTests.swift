import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Many lines that move together")
struct ManyLinesTests {
    let fixture: StorageFixture
    var names = ["a", "b", "c"]

    init() throws {
        fixture = try StorageFixture()
        try fixture.publish(safetensors([("t", 4, 1)]), in: fixture.open(), on: "a")
    }

    /// Writes the next version of each of the three lines together.
    private func writeAll(
        _ storage: RegistryStorage, from expected: [CommitID?]? = nil
    ) throws -> [CommitID] {
        try StorageFixture.order(storage, nil).finishInterrupted()
        let batch = storage.objects.batch()
        let writes = try names.enumerated().map { (number, name) in
            let line = try ReferenceName.model(name)
            let tip = try expected?[number] ?? storage.lineage.target(of: line)
            let weights = Array("weights of \(name)".utf8)
            let file = StoredFile(
                digest: try batch.put(weights), sizeBytes: weights.count, assembly: nil)
            return VersionWrite(
                try StorageFixture.draft(file, parent: tip), on: line, from: tip,
                logged: { StorageFixture.leaf(line, $0, signed: $1) },
                indexed: {
                    IndexedVersion(
                        reference: line, number: 1, commit: $0, parent: tip,
                        operation: "publish", secondsSince1970: 1, summary: "", files: [],
                        requests: [])
                })
        }
        return try StorageFixture.order(storage, nil).write(
            writes, objects: batch, sign: StorageFixture.fakeSigner)
    }

    private func targets(_ storage: RegistryStorage) throws -> [CommitID?] {
        try names.map { try storage.lineage.target(of: .model($0)) }
    }

    private func size(_ storage: RegistryStorage) throws -> Int {
        let bytes = try storage.log.checkpointBytes() ?? []
        return try Checkpoint(text: String(decoding: bytes, as: UTF8.self)).size
    }

    private var leftovers: [String] {
        fixture.files("lineage.git/refs").map(\.lastPathComponent).filter { $0.hasSuffix(".lock") }
            + fixture.files("log").map(\.lastPathComponent).filter { $0 == "moving" }
    }

    @Test("They get one entry each in the log and all move")
    func all() throws {
        let storage = try fixture.open()
        let commits = try writeAll(storage)
        #expect(try targets(storage) == commits)
        #expect(try size(storage) == 4)
        #expect(leftovers.isEmpty)
        let again = try writeAll(storage)
        #expect(Set(again).count == 3)
        #expect(try size(storage) == 7)
        #expect(StoreCheck(storage).run().isClean)
    }

    @Test("So many that their git objects are a pack are what git and Lethe find whole")
    func packed() throws {
        var many = self
        many.names = (1...40).map { "line-\($0)" }
        let storage = try fixture.open()
        let looseBefore = fixture.files("lineage.git/objects").count
        let commits = try many.writeAll(storage)
        #expect(try many.targets(storage) == commits)
        let packs = fixture.files("lineage.git/objects/pack").map(\.pathExtension).sorted()
        #expect(packs == ["idx", "pack"])
        #expect(fixture.files("lineage.git/objects").count == looseBefore + 2)
        #expect(StoreCheck(storage).run().isClean)
        let git = try Program.run(
            "git", ["fsck", "--strict", "--no-dangling"], in: storage.layout.lineage)
        #expect(git.status == 0, "\(git.output)")
        let again = try many.writeAll(storage)
        #expect(try many.targets(fixture.open()) == again)
    }

    @Test("If one of them has moved meanwhile, none moves and nothing is logged")
    func overtaken() throws {
        let storage = try fixture.open()
        let tip = try targets(storage)[0]
        try fixture.publish(safetensors([("t", 4, 2)]), in: storage, on: "a")
        let error = #expect(throws: LetheError.self) {
            try writeAll(storage, from: [tip, nil, nil])
        }
        #expect(error?.code == .conflict)
        #expect(try size(storage) == 2)
        #expect(leftovers.isEmpty)
        #expect(try targets(storage)[1] == nil)
    }

    @Test("A line that git has locked makes it a conflict, and the lock stays")
    func lockedByGit() throws {
        let storage = try fixture.open()
        let lock = storage.layout.lineage.appending(path: "refs/heads/b.lock")
        try Data().write(to: lock)
        let error = #expect(throws: LetheError.self) { try writeAll(storage) }
        #expect(error?.code == .conflict)
        #expect(leftovers == ["b.lock"])
        // A writer of that line alone died and left it.
        let note = storage.layout.locks.appending(path: "refs-heads-b")
        try Data("held by process 99999\n".utf8).write(to: note)
        #expect(try targets(storage)[1] == nil)
        let commits = try writeAll(storage)
        #expect(try targets(storage) == commits)
        #expect(leftovers.isEmpty)
    }

    @Test("What a dead writer logged moves as soon as anybody writes, wherever it died")
    func everyStep() throws {
        var number = 1
        while true {
            let copy = ManyLinesTests(fixture: try fixture.copy())
            let counter = StepCounter(failing: number)
            let before = try copy.targets(copy.fixture.open())
            _ = try? copy.writeAll(copy.fixture.open(beforeStep: counter.hook))
            let logged = try copy.size(copy.fixture.open())
            #expect([1, 4].contains(logged), "step \(number)")
            let storage = try copy.fixture.open()
            try copy.fixture.publish(safetensors([("t", 4, 9)]), in: storage, on: "other")
            let after = try copy.targets(storage)
            let isMoved = after.allSatisfy { $0 != nil } && after[0] != before[0]
            #expect(logged == 1 ? after == before : isMoved, "step \(number)")
            #expect(copy.leftovers.isEmpty, "step \(number)")
            #expect(StoreCheck(storage).run().isClean, "step \(number)")
            if !counter.hasFailed { break }
            number += 1
        }
        #expect(number > 30)
    }

    private init(fixture: StorageFixture) {
        self.fixture = fixture
    }
}
