import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Files derived from a base and a delta")
struct DerivationTests {
    private static let golden = Locations.fixtures.appending(path: "merging/random")
    let fixture: StorageFixture
    let storage: RegistryStorage

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
    }

    private func stored(_ name: String) throws -> StoredFile {
        let batch = storage.objects.batch()
        let file = try batch.putFile(Self.golden.appending(path: "\(name).safetensors"))
        try batch.makeDurable()
        return file
    }

    private func derived() throws -> StoredFile {
        let (base, delta) = (try stored("base"), try stored("delta"))
        let batch = storage.objects.batch()
        let file = try storage.putDerived(
            from: Self.golden.appending(path: "base.safetensors"), stored: base,
            delta: (Self.golden.appending(path: "delta.safetensors"), delta), in: batch)
        try batch.makeDurable()
        #expect(batch.newSizeBytes < DerivationRecipe.maximumSizeBytes)
        return file
    }

    private func put(_ recipe: DerivationRecipe) throws -> StoredFile {
        StoredFile(
            digest: recipe.file, sizeBytes: recipe.sizeBytes,
            assembly: try storage.objects.put(recipe.canonicalBytes()))
    }

    private func recipe(of file: StoredFile) throws -> DerivationRecipe {
        guard case .derivation(let recipe)? = try storage.objects.recipe(of: file) else {
            throw LetheError(code: .malformed, message: "The file is not derived.")
        }
        return recipe
    }

    @Test("A derived file costs a recipe and comes back as numpy merged it")
    func roundTrip() throws {
        let file = try derived()
        let merged = [UInt8](
            try Data(contentsOf: Self.golden.appending(path: "merged.safetensors")))
        #expect(try storage.objects.read(file) == merged)
        #expect(file.digest == Digest(hashing: merged))
    }

    @Test("The bytes are the same in whatever pieces the base goes by", arguments: [1, 3, 7, 40])
    func pieces(_ sizeBytes: Int) throws {
        let base = [UInt8](try Data(contentsOf: Self.golden.appending(path: "base.safetensors")))
        let merged = [UInt8](
            try Data(contentsOf: Self.golden.appending(path: "merged.safetensors")))
        let delta = try LowRankDelta(reading: Self.golden.appending(path: "delta.safetensors"))
        var stream = MergeStream(delta, baseSizeBytes: base.count)
        var result: [UInt8] = []
        for start in stride(from: 0, to: base.count, by: sizeBytes) {
            let piece = base[start..<min(start + sizeBytes, base.count)]
            result += try stream.consume(Array(piece))
        }
        try stream.finish()
        #expect(result == merged)
    }

    @Test("A base that ends too early is refused")
    func truncated() throws {
        let base = [UInt8](try Data(contentsOf: Self.golden.appending(path: "base.safetensors")))
        let delta = try LowRankDelta(reading: Self.golden.appending(path: "delta.safetensors"))
        for count in [0, 4, 100, base.count - 1] {
            var stream = MergeStream(delta, baseSizeBytes: base.count)
            _ = try stream.consume(Array(base.prefix(count)))
            #expect(throws: LetheError.self) { try stream.finish() }
        }
    }

    @Test("Materialised, it is made of ordinary objects with the same digest")
    func materialised() throws {
        let file = try derived()
        let batch = storage.objects.batch()
        let stored = try storage.materialise(
            file, named: "model.safetensors", in: batch, by: fixture.temporary.url)
        try batch.makeDurable()
        #expect(stored.digest == file.digest && stored.assembly != file.assembly)
        #expect(try storage.objects.derivationDepth(of: stored) == 0)
        #expect(try storage.objects.derivationDepth(of: file) == 1)
        #expect(try storage.objects.read(stored) == storage.objects.read(file))
    }

    @Test("A recipe that announces another digest or length is found out")
    func lies() throws {
        let honest = try recipe(of: derived())
        var other = honest
        other.file = Digest(hashing: [1])
        var longer = honest
        longer.sizeBytes += 1
        var shorter = honest
        shorter.sizeBytes -= 1
        for recipe in [other, longer, shorter] {
            let error = #expect(throws: LetheError.self) {
                try storage.objects.read(put(recipe))
            }
            #expect(error?.code == .integrity)
        }
    }

    @Test("A delta that is itself derived, and a tower of derivations, are refused")
    func towers() throws {
        let file = try derived()
        let honest = try recipe(of: file)
        var nested = honest
        nested.delta = file
        #expect(throws: LetheError.self) { try storage.objects.read(put(nested)) }
        var tower = file
        for _ in 0..<DerivationRecipe.maximumDepth {
            var next = honest
            next.base = tower
            tower = try put(next)
        }
        let error = #expect(throws: LetheError.self) {
            try storage.objects.derivationDepth(of: tower)
        }
        #expect(error?.code == .integrity)
        #expect(throws: LetheError.self) { try storage.objects.read(tower) }
    }

    @Test("A changed byte in the base, the delta or the recipe is noticed when the file is read")
    func changed() throws {
        let file = try derived()
        let honest = try recipe(of: file)
        let digests = [honest.base, honest.delta].flatMap { stored -> [Digest] in
            guard case .assembly(let parts)? = try? storage.objects.recipe(of: stored) else {
                return [stored.digest]
            }
            return parts.parts.map(\.digest) + [stored.assembly].compactMap { $0 }
        }
        #expect(digests.count > 4)
        for digest in digests + [file.assembly].compactMap({ $0 }) {
            let url = storage.objects.url(of: digest)
            let good = try Data(contentsOf: url)
            var bad = good
            bad[good.count / 2] ^= 4
            try FileManager.default.removeItem(at: url)
            try bad.write(to: url)
            #expect(throws: LetheError.self) { try storage.objects.read(file) }
            try good.write(to: url)
        }
        #expect(throws: Never.self) { try storage.objects.read(file) }
    }

    @Test("The check recomputes a derived file and counts its base and delta as used")
    func check() throws {
        let file = try derived()
        let line = try ReferenceName.model("faces")
        let pointer = LargeFilePointer(digest: file.digest, sizeBytes: file.sizeBytes)
        let commit = try storage.lineage.writeCommit(
            CommitDraft(
                tree: [try TreePath("model.safetensors"): pointer.bytes], parents: [],
                message: "one\n", author: CommitAuthor(name: "a", email: "a@localhost"),
                secondsSince1970: 1), sign: StorageFixture.fakeSigner)
        try storage.lineage.moveReference(line, from: nil, to: commit)
        let report = StoreCheck(storage).run()
        #expect(report.findings.isEmpty && report.orphanCount == 0 && report.pointerCount == 1)
        let victim = try #require(try recipe(of: file).delta.assembly)
        try FileManager.default.removeItem(at: storage.objects.url(of: victim))
        #expect(StoreCheck(storage).run().findings.contains { $0.code == "file-lost" })
    }
}
