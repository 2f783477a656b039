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

    /// A store that trusts an object as soon as it was found whole, and one part of a file of it.
    private func trusting() throws -> (ObjectStore, StoredFile, AssemblyRecipe.Part, [UInt8]) {
        let (file, bytes) = try stored()
        let objects = ObjectStore(
            storage.layout, files: storage.files, limits: SegmentLimits(),
            verified: VerifiedObjects(settledAfterNanoseconds: -60_000_000_000))
        return (objects, file, try #require(try objects.assemblyParts(of: file).last), bytes)
    }

    @Test("From the second time on, an object is handed over unread, and every run is that part")
    func unread() throws {
        let (objects, file, _, bytes) = try trusting()
        for time in 0..<3 {
            for range in [0..<bytes.count, 1000..<600_000, (bytes.count - 1)..<bytes.count] {
                var found: [UInt8] = []
                try objects.serve(file, range: range) { (piece) throws(LetheError) in
                    if case .run = piece {} else if time > 0 { Issue.record("read again") }
                    found += try piece.read()
                    #expect(piece.count <= range.count)
                }
                #expect(found == Array(bytes[range]))
            }
        }
    }

    @Test("An object that was at rest for less than two seconds is hashed the next time, too")
    func unsettled() throws {
        let (file, bytes) = try stored()
        for _ in 0..<2 {
            try storage.objects.serve(file, range: 0..<bytes.count) { (piece) throws(LetheError) in
                if case .run = piece { Issue.record("trusted though it may have just changed") }
            }
        }
    }

    @Test("One changed byte in an object that was found whole is found, and so is another file")
    func changedSince() throws {
        let (objects, file, part, bytes) = try trusting()
        try objects.stream(file, range: 0..<bytes.count) { _ in }
        let url = objects.url(of: part.digest)
        let whole = try Data(contentsOf: url)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: url.path)
        let handle = try FileHandle(forWritingTo: url)
        try handle.seek(toOffset: 10)
        try handle.write(contentsOf: [whole[10] ^ 1])
        try handle.close()
        let damaged = part.offset..<bytes.count
        let error = #expect(throws: LetheError.self) {
            try objects.stream(file, range: damaged) { _ in }
        }
        #expect(error?.code == .integrity)
        try FileManager.default.removeItem(at: url)
        try whole.write(to: url)
        try objects.stream(file, range: damaged) { _ in }
    }

    @Test("An object that changes while it is handed over ends it")
    func changesMeanwhile() throws {
        let (objects, file, part, bytes) = try trusting()
        try objects.stream(file, range: 0..<bytes.count) { _ in }
        var count = 0
        let error = #expect(throws: LetheError.self) {
            try objects.serve(file, range: part.offset..<bytes.count) {
                (piece) throws(LetheError) in
                count += piece.count
                let handle = FileHandle(forWritingAtPath: objects.url(of: part.digest).path)
                try? handle?.write(contentsOf: [0])
            }
        }
        #expect(error?.code == .integrity && count < part.length)
    }
}
