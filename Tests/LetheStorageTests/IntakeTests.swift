import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Files long enough for several threads")
struct IntakeTests {
    let fixture: StorageFixture
    let storage: RegistryStorage

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
    }

    /// Tensors shorter and longer than a piece, than what is held, and a row of tiny ones.
    private func weights() throws -> URL {
        let tiny = (0..<9).map { (name: "tiny-\($0)", count: 300, value: Float($0)) }
        let url = fixture.temporary.url.appending(path: "long.safetensors")
        try Data(
            safetensors(
                [("a", 700_000, 1), ("b", 2_500_001, 2), ("c", 20_000, 3)] + tiny
                    + [("d", 262_144, 4)])
        ).write(to: url)
        return url
    }

    @Test("Parts, whole and bytes are those that one thread makes, and what sha256sum says")
    func sameAsInTurn() throws {
        let url = try weights()
        let batch = storage.objects.batch()
        let file = try batch.putFile(url)
        #expect(file.sizeBytes >= IntakePipeline.worthwhileFromBytes)
        try batch.makeDurable()
        let bytes = try [UInt8](Data(contentsOf: url))
        #expect(file.digest == Digest(hashing: bytes))
        for part in try storage.objects.assemblyParts(of: file) {
            let slice = Array(bytes[part.offset..<part.offset + part.length])
            #expect(try storage.objects.read(part.digest) == slice)
        }
        let target = fixture.temporary.url.appending(path: "back.safetensors")
        try storage.objects.materialise(file, to: target)
        #expect(try [UInt8](Data(contentsOf: target)) == bytes)
        let sum = try Command.run("sha256sum", [target.path], in: fixture.root)
        #expect(sum.output.hasPrefix(file.digest.hex))
    }

    @Test("Stored again it adds nothing; one object that is missing is stored again")
    func again() throws {
        let url = try weights()
        let first = storage.objects.batch()
        let file = try first.putFile(url)
        try first.makeDurable()
        let second = storage.objects.batch()
        #expect(try second.putFile(url) == file)
        #expect(second.newSizeBytes == 0)
        #expect(try storage.objects.batch().reuse(file))
        let part = try storage.objects.assemblyParts(of: file)[2]
        try FileManager.default.removeItem(at: storage.objects.url(of: part.digest))
        #expect(try !storage.objects.batch().reuse(file))
        let third = storage.objects.batch()
        #expect(try third.putFile(url) == file)
        #expect(third.newSizeBytes == part.length)
    }

    @Test("A failing step ends the threads and leaves nothing", arguments: [1, 3, 6, 9])
    func failing(number: Int) throws {
        let url = try weights()
        let counter = StepCounter(failing: number)
        let broken = try fixture.open(beforeStep: counter.hook)
        let error = #expect(throws: LetheError.self) {
            let batch = broken.objects.batch()
            _ = try batch.putFile(url)
            try batch.makeDurable()
        }
        #expect(error?.code == .diskFull)
        #expect(fixture.files("objects").isEmpty)
    }

    @Test("A damaged part of a long file is named, and no file appears")
    func damaged() throws {
        let url = try weights()
        let batch = storage.objects.batch()
        let file = try batch.putFile(url)
        try batch.makeDurable()
        let part = try storage.objects.assemblyParts(of: file)[1]
        let object = storage.objects.url(of: part.digest)
        var bytes = try Data(contentsOf: object)
        bytes[bytes.count / 2] ^= 1
        try FileManager.default.removeItem(at: object)
        try bytes.write(to: object)
        let target = fixture.temporary.url.appending(path: "back.safetensors")
        let error = #expect(throws: LetheError.self) {
            try storage.objects.materialise(file, to: target)
        }
        #expect(error?.code == .integrity)
        #expect(error?.message.contains(String(part.digest.hex.dropFirst(2))) == true)
        #expect(!FileManager.default.fileExists(atPath: target.path))
    }

    @Test("A file is recognised by its times until it is touched, and only once it was at rest")
    func evidence() throws {
        let url = try weights()
        let index = try fixture.index(storage)
        let batch = storage.objects.batch()
        let file = try batch.putFile(url)
        // Reading it may have taken long.
        try FileManager.default.setAttributes([.modificationDate: Date()], ofItemAtPath: url.path)
        let fresh = try FileEvidence(of: url)
        #expect(!fresh.isSettled)
        index.remember([(fresh, file)])
        #expect(index.storedFile(fresh) == nil)
        let old = Date(timeIntervalSinceNow: -100)
        try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: url.path)
        // Setting the time changed the inode just now, and nobody can set that time back.
        #expect(try !FileEvidence(of: url).isSettled)
        Thread.sleep(forTimeInterval: 2.1)
        let settled = try FileEvidence(of: url)
        #expect(settled.isSettled)
        index.remember([(settled, file)])
        #expect(try fixture.index(storage).storedFile(FileEvidence(of: url)) == file)
        let handle = try FileHandle(forWritingTo: url)
        try handle.write(contentsOf: Data([0]))
        try handle.close()
        #expect(try index.storedFile(FileEvidence(of: url)) == nil)
    }
}
