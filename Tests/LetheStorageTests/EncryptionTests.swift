import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Encrypted objects")
struct EncryptionTests: EncryptedSuite {
    let fixture: StorageFixture
    let keys = MemoryKeys()

    init() throws {
        fixture = try StorageFixture()
    }

    private static let chunk = EncryptedForm.chunkSizeBytes

    @Test(
        "Whatever its length, an object reads as it was, and the disk does not have it",
        arguments: [0, 1, 64, chunk - 1, chunk, chunk + 1, 4 * chunk, 4 * chunk + 1, 9 * chunk + 5])
    func lengths(count: Int) throws {
        let storage = try open()
        let bytes = bytes(count)
        let digest = try put(bytes, in: storage)
        #expect(try open().objects.read(digest) == bytes)
        #expect(storage.objects.sizeBytes(of: digest) == count)
        var streamed: [UInt8] = []
        try storage.objects.stream(digest) { streamed += $0 }
        #expect(streamed == bytes)
        let file = [UInt8](try Data(contentsOf: storage.objects.url(of: digest)))
        #expect(file.count == 96 + count + 16 * max(1, (count + Self.chunk - 1) / Self.chunk))
        if count >= 64 { #expect(file.firstRange(of: bytes.prefix(16)) == nil) }
        #expect(StoreCheck(storage).run().findings.isEmpty)
    }

    @Test("The file is byte for byte what Python's cryptography makes of the same key and salt")
    func golden() throws {
        struct Golden: Decodable {
            struct Case: Decodable {
                let sizeBytes: Int
                let salt: String
                let fileSizeBytes: Int
                let sha256: String
            }
            let key: String
            let fingerprint: String
            let chunk66051: String
            let cases: [Case]
        }
        let url = Locations.package.appending(path: "Tests/Fixtures/encryption/objects.json")
        let golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        let key = try ObjectKey(bytes: #require(Hex.decode(golden.key)))
        #expect(key.fingerprint == golden.fingerprint && golden.cases.count > 5)
        let late = try key.cipher(salt: [UInt8](repeating: 0, count: 32))
            .seal(Array("late".utf8)[...], number: 66051, isLast: true)
        #expect(Hex.encode(late) == golden.chunk66051)
        for one in golden.cases {
            let content = (0..<one.sizeBytes).map { UInt8($0 * 7 % 251) }
            let path = fixture.temporary.url.appending(path: "object-\(one.sizeBytes)").path
            var writer = try ObjectWriter(
                path, key: key, salt: #require(Hex.decode(one.salt)), files: StoreFiles())
            for start in stride(from: 0, to: content.count, by: 100_003) {
                try writer.write(Array(content[start..<min(start + 100_003, content.count)]))
            }
            try writer.finish()
            let file = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
            #expect(file.count == one.fileSizeBytes)
            #expect(Digest(hashing: file).hex == one.sha256, "\(one.sizeBytes) bytes")
        }
    }

    @Test("A weights file goes in, comes out whole and in ranges, and no tensor is on the disk")
    func weights() throws {
        let storage = try open()
        let file = try safetensors([("a", 4, 1.5), ("b", 700_000, 2.5), ("c", 300_000, 3.5)])
        let url = fixture.temporary.url.appending(path: "model.safetensors")
        try Data(file).write(to: url)
        let batch = storage.objects.batch(of: "faces")
        let stored = try batch.putFile(url)
        try batch.makeDurable()
        #expect(try storage.objects.read(stored) == file)
        var part: [UInt8] = []
        try storage.objects.stream(stored, range: 1_000_000..<1_100_001) { part += $0 }
        #expect(part == Array(file[1_000_000..<1_100_001]))
        let pulled = TargetFolder(fixture.temporary.url)
        try pulled.write(stored, from: storage.objects, to: TreePath("out.safetensors"))
        let out = fixture.temporary.url.appending(path: "out.safetensors")
        #expect(try [UInt8](Data(contentsOf: out)) == file)
        for value in [Float(1.5), 2.5, 3.5] {
            let run = (0..<4).flatMap { _ in unsafe withUnsafeBytes(of: value) { unsafe Array($0) }
            }
            for object in fixture.files("objects") {
                #expect([UInt8](try Data(contentsOf: object)).firstRange(of: run) == nil)
            }
        }
        // The recipe is plain, so that garbage is collected without a key.
        let assembly = try #require(stored.assembly)
        #expect(try fixture.open().objects.parts(of: stored)?.count ?? 0 > 1)
        #expect(try fixture.open().objects.read(assembly).first == UInt8(ascii: "{"))
    }

    @Test("Runs are served from what was found whole, decrypted, and a change is noticed")
    func served() throws {
        let vault = ObjectVault()
        vault.use(keys)
        let base = try fixture.open()
        var objects = ObjectStore(
            base.layout, files: base.files, limits: SegmentLimits(),
            verified: VerifiedObjects(settledAfterNanoseconds: 0))
        objects.vault = vault
        let batch = objects.batch(of: "faces")
        let content = bytes(5 * Self.chunk + 77)
        let digest = try batch.put(content)
        try batch.makeDurable()
        let file = StoredFile(digest: digest, sizeBytes: content.count, assembly: nil)
        for range in [0..<content.count, 65_000..<200_001, 0..<1, 327_700..<content.count] {
            var served: [UInt8] = []
            try objects.serve(file, range: range) { (piece) throws(LetheError) in
                guard case .bytes(let bytes) = piece else {
                    throw LetheError(code: .io, message: "The kernel would send ciphertext.")
                }
                served += bytes
            }
            #expect(served == Array(content[range]))
        }
        let path = objects.url(of: digest).path
        var damaged = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        damaged[200] ^= 1
        try FileManager.default.removeItem(atPath: path)
        try Data(damaged).write(to: URL(fileURLWithPath: path))
        #expect(throws: LetheError.self) {
            try objects.serve(file, range: 0..<10) { (_) throws(LetheError) in }
        }
    }

    @Test("No state of a hash is remembered, because it holds bytes of the file")
    func states() throws {
        let storage = try open()
        let file = try safetensors([("a", 1_100_000, 1.5), ("b", 1_100_000, 2.5)])
        let url = fixture.temporary.url.appending(path: "model.safetensors")
        try Data(file).write(to: url)
        let batch = storage.objects.batch(of: "faces")
        let stored = try batch.putFile(url)
        try batch.makeDurable()
        #expect(stored.assembly != nil && fixture.files("states").isEmpty)
        #expect(try storage.objects.read(stored).count == file.count)
    }
}
