import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Runs of a file's bytes, for somebody far away")
struct RangeTests {
    let fixture: StorageFixture
    let storage: RegistryStorage

    init() throws {
        fixture = try StorageFixture()
        storage = try fixture.open()
    }

    /// A file of several objects, of which the largest takes several pieces to read.
    private func stored() throws -> (file: StoredFile, bytes: [UInt8]) {
        let bytes = try safetensors([("a", 300, 1), ("b", 200_000, 2), ("c", 300_000, 3)])
        let source = fixture.temporary.url.appending(path: "model.safetensors")
        try Data(bytes).write(to: source)
        let batch = storage.objects.batch()
        let file = try batch.putFile(source)
        try batch.makeDurable()
        return (file, bytes)
    }

    /// What is handed over, and whether that came to its end.
    private func read(_ file: StoredFile, _ range: Range<Int>) -> (bytes: [UInt8], isWhole: Bool) {
        var found: [UInt8] = []
        do throws(LetheError) {
            try storage.objects.stream(file, range: range) { (piece) throws(LetheError) in
                found += piece
            }
        } catch {
            #expect(error.code == .integrity)
            return (found, false)
        }
        return (found, true)
    }

    @Test("Every run is that part of the file")
    func runs() throws {
        let (file, bytes) = try stored()
        let seed = UInt64.random(in: .min ... .max)
        var random = SplitMix64(seed: seed)
        var ranges = [0..<bytes.count, 0..<1, 0..<0, (bytes.count - 1)..<bytes.count]
        for _ in 0..<20 {
            let ends = [0, 1].map { _ in Int(random.next() % UInt64(bytes.count + 1)) }.sorted()
            ranges.append(ends[0]..<ends[1])
        }
        for range in ranges {
            let (found, isWhole) = read(file, range)
            #expect(isWhole && found == Array(bytes[range]), "seed \(seed), \(range)")
        }
    }

    @Test("Whoever resumes behind what arrived never gets the end of a damaged object")
    func damaged() throws {
        let (file, bytes) = try stored()
        let part = try #require(try storage.objects.assemblyParts(of: file).last)
        let url = storage.objects.url(of: part.digest)
        var object = try Data(contentsOf: url)
        object[part.length / 2] ^= 1
        try FileManager.default.removeItem(at: url)
        try object.write(to: url)

        var arrived: [UInt8] = []
        for _ in 0..<5 {
            let (found, isWhole) = read(file, arrived.count..<bytes.count)
            #expect(!isWhole)
            arrived += found
        }
        #expect(arrived.count > part.offset && arrived.count < bytes.count)
        #expect(read(file, (bytes.count - 1)..<bytes.count).bytes.isEmpty)
        #expect(read(file, 0..<part.offset).isWhole, "what is not damaged is given out")
    }
}
