import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Objects")
struct ObjectStoreTests {
    let fixture: StorageFixture
    let storage: RegistryStorage
    var store: ObjectStore { storage.objects }

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
    }

    @Test("Bytes come back under their SHA-256, below the folder of its first two digits")
    func roundTrip() throws {
        // The digest of "abc" is the example of FIPS 180-4.
        let hex = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let digest = try store.put(Array("abc".utf8))
        #expect(digest.hex == hex)
        #expect(store.contains(digest))
        #expect(store.sizeBytes(of: digest) == 3)
        #expect(try store.read(digest) == Array("abc".utf8))
        #expect(store.url(of: digest).path.hasSuffix("objects/sha256/ba/\(hex.dropFirst(2))"))
    }

    @Test("No bytes at all are an object too")
    func empty() throws {
        let digest = try store.put([])
        #expect(try store.read(digest).isEmpty)
    }

    @Test("An object is read-only")
    func readOnlyMode() throws {
        let digest = try store.put([1, 2, 3])
        let attributes = try FileManager.default.attributesOfItem(atPath: store.path(of: digest))
        let mode = try #require(attributes[.posixPermissions] as? NSNumber)
        #expect(mode.intValue & 0o222 == 0)
    }

    @Test("Wrong bytes for a name are refused and leave nothing")
    func wrongBytes() throws {
        let expected = Digest(hashing: Array("right".utf8))
        let error = #expect(throws: LetheError.self) {
            try store.put(Array("wrong".utf8), expecting: expected)
        }
        #expect(error?.code == .integrity)
        #expect(!store.contains(expected))
        #expect(fixture.files("objects").isEmpty)
        #expect(fixture.files("tmp").isEmpty)
    }

    @Test("Nothing is visible before the batch is durable, and a dropped batch leaves nothing")
    func droppedBatch() throws {
        var batch: ObjectBatch? = store.batch()
        let digest = try batch?.put([1, 2, 3])
        #expect(!store.contains(try #require(digest)))
        #expect(fixture.files("tmp").count == 1)
        batch = nil
        #expect(fixture.files("tmp").isEmpty)
        #expect(fixture.files("objects").isEmpty)
    }

    @Test("Many objects are synced together, then renamed, then their folders are synced")
    func batchOrder() throws {
        let counter = StepCounter()
        let storage = try fixture.open(beforeStep: counter.hook)
        let batch = storage.objects.batch()
        for number in 0..<40 { try batch.put([UInt8(number)]) }
        try batch.makeDurable()
        let actions = counter.steps.map(\.action)
        #expect(actions.filter { $0 == .syncFileSystem }.count == 2)
        #expect(!actions.contains(.syncFile) && !actions.contains(.syncFolder))
        let lastWrite = try #require(actions.lastIndex(of: .writeBytes))
        let bytes = try #require(actions.firstIndex(of: .syncFileSystem))
        let firstRename = try #require(actions.firstIndex(of: .rename))
        let lastRename = try #require(actions.lastIndex(of: .rename))
        let names = try #require(actions.lastIndex(of: .syncFileSystem))
        #expect(lastWrite < bytes && bytes < firstRename && lastRename < names)
    }

    @Test("An object that is there is not written again; a torn one is replaced")
    func existing() throws {
        let bytes = [UInt8](repeating: 7, count: 1000)
        let digest = try store.put(bytes)
        let batch = store.batch()
        try batch.put(bytes)
        #expect(batch.newSizeBytes == 0)
        try FileManager.default.removeItem(at: store.url(of: digest))
        try Data(bytes.prefix(400)).write(to: store.url(of: digest))
        try store.put(bytes)
        #expect(try store.read(digest) == bytes)
    }

    @Test("A missing object, and one longer than the limit, say so")
    func errors() throws {
        let missing = Digest(hashing: Array("nowhere".utf8))
        #expect(throws: LetheError.self) { try store.read(missing) }
        let digest = try store.put([1, 2, 3, 4])
        let error = #expect(throws: LetheError.self) { try store.read(digest, limitBytes: 3) }
        #expect(error?.code == .malformed)
    }

    @Test("A symbolic link in place of an object is not followed")
    func linkedObject() throws {
        let digest = try store.put([1, 2, 3])
        let elsewhere = fixture.temporary.url.appending(path: "elsewhere")
        try FileManager.default.moveItem(at: store.url(of: digest), to: elsewhere)
        try FileManager.default.createSymbolicLink(
            at: store.url(of: digest), withDestinationURL: elsewhere)
        #expect(!store.contains(digest))
        #expect(throws: LetheError.self) { try store.read(digest) }
    }

    @Test("A scratch folder of a dead writer is cleared on open, that of a living one is not")
    func reaping() throws {
        let living = try ScratchFolder(in: store.temporary, files: store.files)
        try Data([1]).write(to: URL(fileURLWithPath: living.nextPath()))
        let dead = fixture.root.appending(path: "tmp/99999-dead")
        try FileManager.default.createDirectory(at: dead, withIntermediateDirectories: false)
        try Data([1]).write(to: dead.appending(path: "1"))
        try FileManager.default.createDirectory(
            at: dead.appending(path: "deeper"), withIntermediateDirectories: false)
        #expect(StoreCheck(storage).run().findings.map(\.code) == ["temporary-left"])
        _ = try fixture.open()
        #expect(!FileManager.default.fileExists(atPath: dead.path))
        #expect(FileManager.default.fileExists(atPath: "\(living.path)/1"))
    }
}
