import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Garbage collection")
struct GarbageTests {
    static let now = Timestamp(Date())
    static let month = 30 * 24 * 3600

    @Test("What nothing reaches goes, recipes first; the report agrees with the disk")
    func collect() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        try fixture.publish(Self.model(1), in: storage)
        try fixture.abandon(Self.model(2), in: storage)
        try fixture.age(by: Self.month)
        let before = StoreCheck(storage).run()
        let sizes = fixture.files("objects").map { (try? FileStatus.of($0.path))??.sizeBytes ?? 0 }
        let foreseen = try GarbageCollection.run(storage, isDryRun: true)
        #expect(foreseen.isDryRun)
        #expect(fixture.files("objects").count == sizes.count)
        let report = try GarbageCollection.run(storage)
        // Their ages may be a second apart.
        #expect(report.removed.map(\.digest) == foreseen.removed.map(\.digest))
        #expect(report.removed.count == before.orphanCount && before.orphanCount > 1)
        #expect(report.removedSizeBytes == before.orphanSizeBytes)
        #expect(report.reachable.count == before.objectCount - before.orphanCount)
        #expect(report.removed.allSatisfy { (Self.month..<Self.month + 600) ~= $0.ageSeconds })
        let left = fixture.files("objects").map { (try? FileStatus.of($0.path))??.sizeBytes ?? 0 }
        #expect(sizes.reduce(0, +) - left.reduce(0, +) == report.removedSizeBytes)
        let after = StoreCheck(storage).run()
        #expect(after.findings.isEmpty && after.orphanCount == 0)
        #expect(try GarbageCollection.run(storage).removed.isEmpty)
    }

    @Test("What is young stays, and so does the future: the clock may have gone backwards")
    func young() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        try fixture.publish(Self.model(1), in: storage)
        try fixture.abandon(Self.model(2), in: storage)
        let count = fixture.files("objects").count
        for (ageSeconds, graceSeconds) in [
            (0, 60), (GarbageCollection.defaultGraceSeconds - 60, nil), (-3600, 0),
            (-400 * 24 * 3600, 0), (-400 * 24 * 3600, nil),
        ] {
            try fixture.age(by: ageSeconds)
            let report = try GarbageCollection.run(storage, graceSeconds: graceSeconds)
            #expect(report.removed.isEmpty && report.young.count > 1, "age \(ageSeconds)")
            #expect(fixture.files("objects").count == count)
        }
        try fixture.age(by: 0)
        #expect(try GarbageCollection.run(storage, graceSeconds: 0).removed.count > 1)
    }

    @Test("A young recipe keeps its old parts: what lost a race is complete for the retry")
    func youngRecipe() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        let file = try fixture.abandon(Self.model(2), in: storage)
        let recipe = try #require(file.assembly)
        try fixture.age(by: Self.month)
        try fixture.age(by: 0, only: storage.objects.path(of: recipe))
        #expect(try GarbageCollection.run(storage).removed.isEmpty)
        try fixture.age(by: Self.month)
        let report = try GarbageCollection.run(storage)
        #expect(report.removed.first?.digest == recipe && report.removed.count > 1)
    }

    @Test("What a running command holds stays until that command is over")
    func leased() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        let file = try fixture.abandon(Self.model(2), in: storage)
        let parts = try storage.objects.assemblyParts(of: file).map(\.digest)
        try fixture.age(by: Self.month)
        var lease: Lease? = try fixture.open().objects.leaseForReading([file])
        for isDryRun in [true, false] {
            let report = try GarbageCollection.run(storage, isDryRun: isDryRun)
            #expect(report.removed.isEmpty)
            #expect(report.leased.count == Set(parts).count + 1)
        }
        lease = nil
        #expect(lease == nil)
        #expect(try GarbageCollection.run(storage).removed.count == Set(parts).count + 1)
    }

    @Test("A lineage or recipe that cannot be read stops the collection before it removes anything")
    func damaged() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        let commit = try fixture.publish(Self.model(1), in: storage)
        try fixture.abandon(Self.model(2), in: storage)
        try fixture.age(by: Self.month)
        let file = try #require(
            try StorageFixture.versions(
                of: .model("faces"), tip: commit, in: storage.lineage
            ).first?.files.first?.file)
        let recipe = storage.objects.path(of: try #require(file.assembly))
        let hex = commit.hex
        let damages: [(StorageFixture) throws -> Void] = [
            { try Data("{\"file\":\"sha256:".utf8).write(to: $0.moved(recipe, from: fixture)) },
            {
                let path = "lineage.git/objects/\(hex.prefix(2))/\(hex.dropFirst(2))"
                try FileManager.default.removeItem(at: $0.root.appending(path: path))
            },
            {
                let url = $0.root.appending(path: "lineage.git/refs/heads/broken")
                try Data("nonsense\n".utf8).write(to: url)
            },
            {
                let url = $0.root.appending(path: "lineage.git/refs/heads/dangling")
                try Data((String(repeating: "1", count: 40) + "\n").utf8).write(to: url)
            },
        ]
        for (number, damage) in damages.enumerated() {
            let copy = try fixture.copy()
            try damage(copy)
            try copy.age(by: Self.month)
            let count = copy.files("objects").count
            let error = #expect(throws: LetheError.self, "damage \(number)") {
                try GarbageCollection.run(copy.open())
            }
            #expect(error?.remedy != nil, "damage \(number)")
            #expect(copy.files("objects").count == count, "damage \(number)")
        }
    }

    @Test("Objects that any text in any reachable commit names stay, whatever kind of text it is")
    func anyText() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        let named = try storage.objects.put(Array("named".utf8))
        let unnamed = try storage.objects.put(Array("unnamed".utf8))
        try fixture.age(by: Self.month)
        let draft = CommitDraft(
            tree: [
                try TreePath("deep/notes.txt"): Array("see \(named)!".utf8),
                try TreePath("near.txt"): Array("\(unnamed)".utf8.dropLast()),
            ],
            parents: [], message: "Note", author: CommitAuthor(name: "a", email: "b"),
            secondsSince1970: 1)
        let commit = try storage.lineage.writeCommit(draft, sign: StorageFixture.fakeSigner)
        try storage.lineage.moveReference(.dataset("notes"), from: nil, to: commit)
        #expect(try GarbageCollection.run(storage).removed.map(\.digest) == [unnamed])
        #expect(storage.objects.contains(named))
    }

    @Test("Leftovers of dead processes go; an unfinished run stays until it is very old")
    func leftovers() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        let alive = try ScratchFolder(in: storage.objects.temporary, files: storage.files)
        let lease = try storage.objects.leases.lease()
        for path in [
            "tmp/1-dead/1", "tmp/stray", "locks/owner-1-dead", "work/forget-1/request.json",
            "keys/allowed_signers.1-ab.tmp", "registry.json.77-0f.tmp",
        ] {
            let url = fixture.root.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("x".utf8).write(to: url)
        }
        try fixture.age(
            by: 2 * 24 * 3600, only: fixture.root.path + "/keys/allowed_signers.1-ab.tmp")
        let expected = [
            "keys/allowed_signers.1-ab.tmp", "locks/owner-1-dead", "tmp/1-dead", "tmp/stray",
        ]
        #expect(try GarbageCollection.run(storage, isDryRun: true).leftovers.sorted() == expected)
        let report = try GarbageCollection.run(storage)
        #expect(report.leftovers.sorted() == expected && report.keptRuns == ["work/forget-1"])
        #expect(expected.allSatisfy { !fixture.exists($0) })
        #expect(fixture.exists("registry.json.77-0f.tmp") && fixture.exists("work/forget-1"))
        #expect(FileManager.default.fileExists(atPath: alive.path))
        for path in ["work/forget-1/request.json", "work/forget-1"] {
            try fixture.age(by: 181 * 24 * 3600, only: fixture.root.path + "/" + path)
        }
        #expect(try GarbageCollection.run(storage).leftovers == ["work/forget-1"])
        #expect(!fixture.exists("work/forget-1"))
        withExtendedLifetime(lease) {}
    }

    static func model(_ value: Float) throws -> [UInt8] {
        try safetensors([("a", 4, value), ("b", 20_000, value), ("c", 30_000, value)])
    }
}

extension GarbageCollection {
    /// Runs a collection whose every object is decided on alone.
    @discardableResult
    static func run(
        _ storage: RegistryStorage, graceSeconds: Int? = nil, isDryRun: Bool = false
    ) throws(LetheError) -> CollectionReport {
        var collection = GarbageCollection(storage, now: Timestamp(Date()))
        if let graceSeconds { collection.graceSeconds = graceSeconds }
        collection.isDryRun = isDryRun
        collection.batchCount = 1
        return try collection.run()
    }
}

extension StorageFixture {
    /// Stores a safetensors file that no version names.
    @discardableResult
    func abandon(_ bytes: [UInt8], in storage: RegistryStorage) throws -> StoredFile {
        let source = temporary.url.appending(path: "\(UUID().uuidString).safetensors")
        try Data(bytes).write(to: source)
        let batch = storage.objects.batch()
        let file = try batch.putFile(source)
        try batch.makeDurable()
        return file
    }

    /// Makes every object, or one file, look as if it had been written that long ago.
    func age(by seconds: Int, only path: String? = nil) throws {
        let date = Date(timeIntervalSinceNow: -Double(seconds))
        for name in path.map({ [$0] }) ?? files("objects").map(\.path) {
            try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: name)
        }
    }

    /// Where a file of another fixture lies in this copy of it; writable.
    func moved(_ path: String, from other: StorageFixture) throws -> URL {
        let url = root.appending(path: String(path.dropFirst(other.root.path.count + 1)))
        try FileManager.default.removeItem(at: url)
        return url
    }

    func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }
}
