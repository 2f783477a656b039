import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Files put together from objects")
struct AssemblyTests {
    let fixture: StorageFixture
    let storage: RegistryStorage

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
    }

    private func source(_ bytes: [UInt8], _ name: String = "model.safetensors") throws -> URL {
        let url = fixture.temporary.url.appending(path: name)
        try Data(bytes).write(to: url)
        return url
    }

    private func store(_ limits: SegmentLimits) -> ObjectStore {
        ObjectStore(storage.layout, files: storage.files, limits: limits)
    }

    @Test("A safetensors file is a header, tensors and a recipe, and comes back byte for byte")
    func roundTrip() throws {
        let bytes = try safetensors([
            ("head.bias", 10, 1), ("head.weight", 50_000, 2), ("norm.bias", 64, 3),
            ("norm.weight", 64, 4), ("tail", 20_000, 5),
        ])
        let batch = storage.objects.batch()
        let file = try batch.putFile(source(bytes))
        try batch.makeDurable()
        #expect(file.digest == Digest(hashing: bytes))
        #expect(file.sizeBytes == bytes.count)
        // header, head.bias, head.weight, norm.bias + norm.weight, tail
        let parts = try storage.objects.assemblyParts(of: file)
        #expect(parts.map(\.length).dropFirst() == [40, 200_000, 512, 80_000])
        let target = fixture.temporary.url.appending(path: "out.safetensors")
        try storage.objects.materialise(file, to: target)
        #expect(try [UInt8](Data(contentsOf: target)) == bytes)
        #expect(try storage.objects.read(file) == bytes)
    }

    @Test("Two versions share the objects of the tensors that did not change")
    func sharing() throws {
        let first = try safetensors([("a", 30_000, 1), ("b", 30_000, 2), ("c", 30_000, 3)])
        let second = try safetensors([("a", 30_000, 1), ("b", 30_000, 9), ("c", 30_000, 3)])
        let one = storage.objects.batch()
        _ = try one.putFile(source(first))
        try one.makeDurable()
        let two = storage.objects.batch()
        let file = try two.putFile(source(second))
        try two.makeDurable()
        let recipe = try #require(file.assembly.flatMap(storage.objects.sizeBytes))
        #expect(two.newSizeBytes == 120_000 + recipe)
        #expect(try storage.objects.read(file) == second)
    }

    @Test("Tiny neighbours are joined up to a size, giants are split, and both come back")
    func joinAndSplit() throws {
        let limits = SegmentLimits(tinyBelowBytes: 64, joinUpToBytes: 100, splitAtBytes: 256)
        let bytes = try safetensors([
            ("a", 10, 1), ("b", 10, 2), ("c", 10, 3), ("d", 150, 4), ("e", 1, 5), ("f", 0, 6),
        ])
        let store = store(limits)
        let batch = store.batch()
        let file = try batch.putFile(source(bytes))
        try batch.makeDurable()
        let parts = try store.assemblyParts(of: file)
        #expect(parts.map(\.length).dropFirst() == [80, 40, 256, 256, 88, 4])
        #expect(try store.read(file) == bytes)
    }

    @Test("A tensor above the buffer goes through a temporary file and is stored once")
    func longSegment() throws {
        let bytes = try safetensors([("long", 3_000_000, 1)])
        let first = storage.objects.batch()
        let file = try first.putFile(source(bytes))
        try first.makeDurable()
        #expect(first.newSizeBytes > 12_000_000)
        let again = storage.objects.batch()
        #expect(try again.putFile(source(bytes)) == file)
        #expect(again.newSizeBytes == 0)
        try again.makeDurable()
        #expect(fixture.files("tmp").isEmpty)
        let target = fixture.temporary.url.appending(path: "out")
        try storage.objects.materialise(file, to: target)
        #expect(try Data(contentsOf: target) == Data(bytes))
    }

    @Test("Any other file is one object, even an empty one")
    func wholeFile() throws {
        let batch = storage.objects.batch()
        let text = try batch.putFile(source(Array("hello".utf8), "vocab.txt"))
        let empty = try batch.putFile(source([], "empty.txt"))
        try batch.makeDurable()
        #expect(text.assembly == nil && empty.assembly == nil)
        #expect(try storage.objects.read(text) == Array("hello".utf8))
        #expect(try storage.objects.read(empty).isEmpty)
    }

    @Test("A safetensors file with a hole is refused and nothing is stored")
    func malformed() throws {
        var bytes = try safetensors([("a", 4, 1)])
        bytes.append(0)
        let error = #expect(throws: LetheError.self) {
            try storage.objects.batch().putFile(source(bytes))
        }
        #expect(error?.code == .malformed)
        #expect(fixture.files("objects").isEmpty)
    }

    @Test("A recipe of another file, or with a hole, is refused")
    func wrongRecipe() throws {
        let part = try storage.objects.put([1, 2, 3])
        let file = Digest(hashing: [1, 2, 3])
        let other = AssemblyRecipe(
            file: Digest(hashing: [9]), sizeBytes: 3,
            parts: [AssemblyRecipe.Part(offset: 0, length: 3, digest: part)])
        let hole = AssemblyRecipe(
            file: file, sizeBytes: 3,
            parts: [AssemblyRecipe.Part(offset: 1, length: 3, digest: part)])
        for recipe in [other, hole] {
            let assembly = try storage.objects.put(recipe.canonicalBytes())
            let stored = StoredFile(digest: file, sizeBytes: 3, assembly: assembly)
            let error = #expect(throws: LetheError.self) { try storage.objects.read(stored) }
            #expect(error?.code == .integrity)
        }
    }

    @Test("A part longer than the recipe announces is cut off, not handed over")
    func announcedSizeIsALimit() throws {
        let bomb = try storage.objects.put([UInt8](repeating: 0, count: 3 << 20))
        let recipe = AssemblyRecipe(
            file: Digest(hashing: [1]), sizeBytes: 10,
            parts: [AssemblyRecipe.Part(offset: 0, length: 10, digest: bomb)])
        let stored = StoredFile(
            digest: recipe.file, sizeBytes: 10,
            assembly: try storage.objects.put(recipe.canonicalBytes()))
        var handedOver = 0
        #expect(throws: LetheError.self) {
            try storage.objects.stream(stored) { (piece) throws(LetheError) in
                handedOver += piece.count
            }
        }
        #expect(handedOver == 0)
    }

    @Test("A failed materialise leaves the file that was there, and no temporary file")
    func failedMaterialise() throws {
        let batch = storage.objects.batch()
        let file = try batch.putFile(source(safetensors([("a", 30_000, 1), ("b", 30_000, 2)])))
        try batch.makeDurable()
        let victim = try storage.objects.assemblyParts(of: file)[2].digest
        try FileManager.default.removeItem(at: storage.objects.url(of: victim))
        let folder = fixture.temporary.url.appending(path: "out")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: false)
        let target = folder.appending(path: "model.safetensors")
        try Data("old".utf8).write(to: target)
        #expect(throws: LetheError.self) { try storage.objects.materialise(file, to: target) }
        #expect(try Data(contentsOf: target) == Data("old".utf8))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
    }

    @Test("A link on the way to the target is not followed; a link at the target is replaced")
    func links() throws {
        let outside = fixture.temporary.url.appending(path: "outside")
        let folder = fixture.temporary.url.appending(path: "out")
        for url in [outside, folder] {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        }
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "sub"), withDestinationURL: outside)
        try Data("mine".utf8).write(to: outside.appending(path: "file"))
        try FileManager.default.createSymbolicLink(
            at: folder.appending(path: "link"), withDestinationURL: outside.appending(path: "file"))
        let target = TargetFolder(folder)
        #expect(throws: LetheError.self) { try target.write([1], to: TreePath("sub/escaped")) }
        #expect(!FileManager.default.fileExists(atPath: outside.appending(path: "escaped").path))
        try target.write([1], to: TreePath("link"))
        #expect(try Data(contentsOf: outside.appending(path: "file")) == Data("mine".utf8))
        #expect(try Data(contentsOf: folder.appending(path: "link")) == Data([1]))
        try target.write([2], to: TreePath("new/deep/file"))
        #expect(try Data(contentsOf: folder.appending(path: "new/deep/file")) == Data([2]))
    }

    @Test(
        "A real model comes back byte for byte",
        .enabled(if: Locations.hasSharedData, "\(Locations.sharedDataReason)"))
    func realModel() throws {
        let url = Locations.sharedData.appending(path: "vit-cifar10/model.safetensors")
        let batch = storage.objects.batch()
        let file = try batch.putFile(url)
        try batch.makeDurable()
        // The digest that the folder's SOURCE.md records.
        #expect(
            file.digest.hex == "b3bac469b3409a040410c9053e3a584ba3de32ae201065b72f4c44fd99a22167")
        #expect(file.sizeBytes == 2_192_680)
        let target = fixture.temporary.url.appending(path: "pulled.safetensors")
        try storage.objects.materialise(file, to: target)
        #expect(try Data(contentsOf: target) == Data(contentsOf: url))
    }
}

extension ObjectStore {
    /// The parts of a file that has an assembly recipe.
    func assemblyParts(of file: StoredFile) throws -> [AssemblyRecipe.Part] {
        guard case .assembly(let recipe)? = try recipe(of: file) else { return [] }
        return recipe.parts
    }
}
