import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("The index")
struct RegistryIndexTests {
    let fixture: StorageFixture
    let storage: RegistryStorage

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
        for value in 1...3 {
            try fixture.publish(safetensors([("a", 4, Float(value))]), in: storage)
        }
        try fixture.publish(safetensors([("a", 4, 9)]), in: storage, on: "other")
    }

    private func removeIndex() throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: storage.layout.index.path + suffix)
        }
    }

    @Test("It answers by line, number, commit, request and file")
    func questions() throws {
        let index = try fixture.index(storage)
        let line = try ReferenceName.model("faces")
        let versions = try index.versions(of: line)
        #expect(versions.map(\.number) == [1, 2, 3])
        #expect(try index.versions().count == 4)
        let second = try #require(try index.version(2, of: line))
        #expect(second.parent == versions[0].commit)
        #expect(try index.version(at: second.commit) == second)
        #expect(
            try index.versions(honouring: "request-0").map(\.reference.name)
                == ["faces", "other"])
        let file = second.files[0].file
        #expect(try index.versions(containing: file.digest) == [second])
        #expect(try index.storedFile(file.digest) == file)
        #expect(try index.storedFile(Digest(hashing: [1])) == nil)
        #expect(try index.version(7, of: line) == nil)
    }

    @Test("Deleted, it is rebuilt equal; rebuilt in place, it is equal too")
    func rebuilt() throws {
        let before = try fixture.index(storage).versions()
        try removeIndex()
        let index = try fixture.index(storage)
        #expect(try index.versions() == before)
        try index.rebuild()
        #expect(try index.versions() == before)
        #expect(try index.refresh() == 0)
    }

    @Test("A broken file, and one of another schema, are replaced")
    func replaced() throws {
        let before = try fixture.index(storage).versions()
        try removeIndex()
        try Data("this is no database, and long enough to be looked at".utf8)
            .write(to: storage.layout.index)
        #expect(try fixture.index(storage).versions() == before)

        // SQLite keeps the schema number in bytes 60 to 63 of the file, big-endian.
        var bytes = try Data(contentsOf: storage.layout.index)
        #expect([UInt8](bytes[60..<64]) == [0, 0, 0, UInt8(IndexSchema.number)])
        bytes[63] = 99
        try removeIndex()
        try bytes.write(to: storage.layout.index)
        #expect(try fixture.index(storage).versions() == before)
    }

    @Test("A version that the index missed is found on the next open, also in the middle")
    func heals() throws {
        let line = try ReferenceName.model("faces")
        var tip = try storage.lineage.target(of: line)
        let index = try fixture.index(storage)
        let batch = storage.objects.batch()
        let file = StoredFile(digest: try batch.put([1]), sizeBytes: 1, assembly: nil)
        for isIndexed in [false, true] {
            let write = VersionWrite(
                try StorageFixture.draft(file, parent: tip), on: line, from: tip,
                logged: { StorageFixture.leaf(line, $0, signed: $1) },
                indexed: { commit in
                    try! StorageFixture.versions(of: line, tip: commit, in: storage.lineage).last!
                })
            tip = try StorageFixture.order(storage, isIndexed ? index : nil).write(
                [write], objects: batch, sign: StorageFixture.fakeSigner)[0]
        }
        #expect(try fixture.index(storage).versions(of: line).map(\.number) == [1, 2, 3, 4, 5])
    }

    @Test("A line that is gone from the lineage goes from the index")
    func goneLine() throws {
        let path = storage.layout.lineage.appending(path: "refs/heads/other")
        try FileManager.default.removeItem(at: path)
        #expect(
            try fixture.index(storage).versions().map(\.reference.name)
                == ["faces", "faces", "faces"])
    }

    @Test("What the lineage says counts, also after the index was opened")
    func movedBehind() throws {
        let index = try fixture.index(storage)
        let line = try ReferenceName.model("faces")
        let versions = try index.versions(of: line)
        #expect(try index.versionCount() == 4)
        // As a person would, with plain git or an editor: no commit, no lock, the same folder.
        let path = storage.layout.lineage.appending(path: "refs/heads/faces").path
        try "\(versions[1].commit)\n".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try index.commits(.newest, of: line) == [versions[1].commit, versions[0].commit])
        #expect(try index.versionCount() == 3)
        try "\(versions[2].commit)\n".write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try index.histories().map(\.number) == [3, 2, 1, 1])
    }

    @Test("A line whose history was replaced is read again from its root")
    func replacedHistory() throws {
        let index = try fixture.index(storage)
        let line = try ReferenceName.model("faces")
        #expect(try index.versionCount(of: line) == 3)
        let other = try #require(try storage.lineage.target(of: .model("other")))
        let tip = try #require(try storage.lineage.target(of: line))
        try storage.lineage.moveReference(line, from: tip, to: other)
        #expect(try index.history(of: line).map(\.commit) == [other])
        #expect(try index.versions(honouring: "request-2").isEmpty)
    }

    @Test(
        "Packed references are lines like loose ones; a loose one wins",
        .enabled(if: Command.has("git")))
    func packedReferences() throws {
        let before = try fixture.index(storage).versions()
        let git = try Command.run("git", ["pack-refs", "--all"], in: storage.layout.lineage)
        #expect(git.status == 0)
        #expect(try storage.lineage.references().map(\.name.name) == ["faces", "other"])
        #expect(try fixture.index(storage).versions() == before)
        try fixture.publish(safetensors([("a", 4, 5)]), in: storage)
        let line = try ReferenceName.model("faces")
        #expect(
            try fixture.index(storage).commits(.newest, of: line).first
                == storage.lineage.target(of: line))
        #expect(try storage.lineage.references()[0].target == storage.lineage.target(of: line))
    }

    @Test("Every selector names its version", arguments: [1, 2, 3])
    func selectors(number: Int) throws {
        let index = try fixture.index(storage)
        let line = try ReferenceName.model("faces")
        let versions = try index.versions(of: line)
        let wanted = versions[number - 1].commit
        #expect(try index.commits(.number(number), of: line) == [wanted])
        #expect(
            try index.commits(.commitPrefix(String(wanted.hex.prefix(12))), of: line) == [wanted])
        #expect(try index.commits(.oldest, of: line).first == versions[0].commit)
        #expect(
            try index.commits(.newestOf(operation: "publish"), of: line).first
                == versions[2].commit)
        #expect(try index.commits(.newestOf(operation: "certify"), of: line).isEmpty)
        #expect(try index.firstCommit(honouring: "request-\(number - 1)") == wanted)
        #expect(
            versions.filter { $0.requests.contains("request-\(number - 1)") }.map(\.number)
                == [number])
        #expect(try index.lines(trainedOn: "none").isEmpty)
    }
}
