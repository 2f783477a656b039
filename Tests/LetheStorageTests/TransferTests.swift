import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Copying objects between registries")
struct ObjectTransferTests {
    @Test("A recipe that does not give its file is refused, and does not arrive")
    func lyingRecipe() throws {
        let source = try StorageFixture()
        let target = try StorageFixture()
        let storage = try source.open()
        let parts = [Array("one".utf8), Array("two!".utf8)]
        let digests = try parts.map { try storage.objects.put($0) }
        let claimed = Digest(hashing: Array("something else".utf8))
        let recipe = AssemblyRecipe(
            file: claimed, sizeBytes: 7,
            parts: [
                AssemblyRecipe.Part(offset: 0, length: 3, digest: digests[0]),
                AssemblyRecipe.Part(offset: 3, length: 4, digest: digests[1]),
            ])
        let assembly = try storage.objects.put(recipe.canonicalBytes())
        let transfer = RegistryTransfer(from: storage, to: try target.open())
        for file in [
            StoredFile(digest: claimed, sizeBytes: 7, assembly: assembly),
            StoredFile(digest: claimed, sizeBytes: 8, assembly: assembly),
            StoredFile(digest: claimed, sizeBytes: 3, assembly: digests[0]),
            StoredFile(digest: digests[0], sizeBytes: 4, assembly: nil),
            StoredFile(digest: claimed, sizeBytes: 4, assembly: nil),
        ] {
            #expect(throws: LetheError.self) { try transfer.copyFile(file) }
        }
        try transfer.makeDurable()
        let objects = try target.open().objects
        #expect(!objects.contains(assembly) && !objects.contains(claimed))
        let whole = Digest(hashing: parts.joined())
        let honest = AssemblyRecipe(file: whole, sizeBytes: 7, parts: recipe.parts)
        let file = StoredFile(
            digest: whole, sizeBytes: 7,
            assembly: try storage.objects.put(honest.canonicalBytes()))
        try transfer.copyFile(file)
        try transfer.makeDurable()
        #expect(try objects.read(file) == Array(parts.joined()))
    }

    @Test("What was durable before an interruption does not travel again")
    func resume() throws {
        let source = try StorageFixture()
        let storage = try source.open()
        let files = try (0..<8).map { number in
            try source.abandon(GarbageTests.model(Float(number)), in: storage)
        }
        let target = try StorageFixture()
        let first = RegistryTransfer(from: storage, to: try target.open())
        for file in files.prefix(5) { try first.copyFile(file) }
        try first.makeDurable()
        // The rest of the first transfer is lost, as if its process had died.
        try first.copyFile(files[5])
        let second = RegistryTransfer(from: storage, to: try target.open())
        for file in files { try second.copyFile(file) }
        try second.makeDurable()
        let all = source.files("objects").count
        #expect(target.files("objects").count == all)
        #expect(first.tally.objectCount + second.tally.objectCount >= all)
        #expect(second.tally.objectCount < all / 2)
        #expect(StoreCheck(try target.open()).run().findings.isEmpty)
    }

    @Test("A torn object of the target is replaced, and a damaged one is found before it is used")
    func damagedTarget() throws {
        let source = try StorageFixture()
        let storage = try source.open()
        let file = try source.abandon(GarbageTests.model(1), in: storage)
        let target = try StorageFixture()
        try RegistryTransfer(from: storage, to: try target.open()).copyAndKeep(file)
        let part = try #require(try storage.objects.assemblyParts(of: file).last?.digest)
        let path = try target.open().objects.path(of: part)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        bytes[0] ^= 1
        try FileManager.default.removeItem(atPath: path)
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: LetheError.self) {
            try RegistryTransfer(from: storage, to: target.open()).copyAndKeep(file)
        }
        #expect(error?.code == .integrity && error?.message.contains(path) == true)
        try Data(bytes.dropLast()).write(to: URL(fileURLWithPath: path))
        try RegistryTransfer(from: storage, to: try target.open()).copyAndKeep(file)
        #expect(try target.open().objects.read(file).count == file.sizeBytes)
    }

    @Test("Blocks are shared where the file system can; a copy has the same bytes where it cannot")
    func copies() throws {
        let folder = try TemporaryFolder()
        let source = folder.url.appending(path: "source").path
        let target = folder.url.appending(path: "target").path
        let bytes = (0..<(2 << 20) + 5).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        try Data(bytes).write(to: URL(fileURLWithPath: source))
        try StoreFiles().copy(source, of: bytes.count, to: target)
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: target))) == bytes)
        let (first, second) = (try FileStatus.of(source), try FileStatus.of(target))
        #expect(first?.inode != second?.inode)
    }
}

extension RegistryTransfer {
    fileprivate func copyAndKeep(_ file: StoredFile) throws(LetheError) {
        try copyFile(file)
        try makeDurable()
    }
}
