import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Damaged ciphertext, and keys that are not there")
struct DamagedCiphertextTests: EncryptedSuite {
    let fixture: StorageFixture
    let keys = MemoryKeys()

    init() throws {
        fixture = try StorageFixture()
    }

    private static let chunk = EncryptedForm.chunkSizeBytes
    private static let stored = chunk + ChunkCipher.tagSizeBytes

    @Test("A changed byte anywhere, a lost end, chunks in another order or twice: each says so")
    func damage() throws {
        let storage = try open()
        let digest = try put(bytes(3 * Self.chunk + 10), in: storage)
        let whole = [UInt8](try Data(contentsOf: storage.objects.url(of: digest)))
        func expectDamage(
            _ what: Comment, _ message: String, _ body: (inout [UInt8]) -> Void
        ) throws {
            try change(digest, in: storage, body)
            let error = #expect(throws: LetheError.self, what) { try storage.objects.read(digest) }
            #expect(error?.code == .integrity && error?.code.exitCode == 4, what)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
            #expect(error?.message.contains(digest.hex.dropFirst(2)) == true, what)
            #expect(!StoreCheck(storage).run().isClean, what)
            try change(digest, in: storage) { $0 = whole }
        }
        for place in stride(from: 0, to: 16, by: 3) {
            try expectDamage("magic \(place)", "is not encrypted, or") { $0[place] ^= 1 }
        }
        // The fingerprint of the key, the salt, and the digest of both.
        for place in stride(from: 16, to: 96, by: 5) {
            try expectDamage("header \(place)", "another header") { $0[place] ^= 1 }
        }
        let places = [(1, 96), (1, 95 + Self.stored), (2, 96 + Self.stored), (4, whole.count - 1)]
        for (piece, place) in places {
            try expectDamage("byte \(place)", "piece \(piece) of 4") { $0[place] ^= 1 }
        }
        for length in [16, 95, 96, 112 - 1] {
            try expectDamage("cut to \(length)", "was cut off or has grown") {
                $0.removeLast($0.count - length)
            }
        }
        let ends = [
            (96 + Self.stored, "piece 1 of 1"), (96 + 3 * Self.stored, "piece 3 of 3"),
            (whole.count - 1, "piece 4 of 4"),
        ]
        for (length, message) in ends {
            try expectDamage("cut to \(length)", message) { $0.removeLast($0.count - length) }
        }
        let (first, second) = (96..<96 + Self.stored, 96 + Self.stored..<96 + 2 * Self.stored)
        try expectDamage("swapped", "piece 1 of 4") { file in
            let chunk = Array(file[first])
            file.replaceSubrange(first, with: file[second])
            file.replaceSubrange(second, with: chunk)
        }
        try expectDamage("twice", "piece 2 of 4") { file in
            file.replaceSubrange(second, with: file[first])
        }
        try expectDamage("longer", "piece 4 of 4") { $0.append(0) }
        try expectDamage("empty", "is not encrypted, or") { $0 = [] }
        #expect(try storage.objects.read(digest).count == 3 * Self.chunk + 10)
    }

    @Test("Of another object's file, whole and valid, it is said that it is another one")
    func swappedObjects() throws {
        let storage = try open()
        let (one, other) = (try put(bytes(100), in: storage), try put(bytes(100_000), in: storage))
        let longer = try put(bytes(101), in: storage)
        for foreign in [other, longer] {
            try Data(contentsOf: storage.objects.url(of: foreign)).write(
                to: storage.objects.url(of: one), options: .atomic)
            let error = #expect(throws: LetheError.self) { try storage.objects.read(one) }
            #expect(error?.code == .integrity)
            #expect(error?.message.contains("is another one") == true, "\(error?.message ?? "")")
            #expect(!StoreCheck(storage).run().isClean)
        }
    }

    @Test("A file that claims another key than it was encrypted with is no object of either")
    func otherKey() throws {
        let storage = try open()
        let digest = try put(bytes(100), in: storage)
        let key = try keys.add(to: "cats")
        try change(digest, in: storage) { file in
            let header = EncryptedForm.header(key: key, salt: Array(file[32..<64]))
            file.replaceSubrange(..<96, with: header)
        }
        let error = #expect(throws: LetheError.self) { try storage.objects.read(digest) }
        #expect(error?.code == .integrity && error?.message.contains("piece 1 of 1") == true)
    }

    @Test("Whether a key is not there, is another one or was destroyed is told apart")
    func withoutKey() throws {
        let storage = try open()
        let digest = try put(bytes(1000), in: storage)
        let (none, others) = (MemoryKeys(), MemoryKeys())
        try others.add(to: "faces")
        let destroyed = MemoryKeys()
        destroyed.destroy(try keys.writingKey(of: "faces"))
        let messages = [
            (none, "not among the 0 object keys in memory"),
            (others, "not among the 1 object keys in memory"), (destroyed, "was destroyed"),
        ]
        for (keys, message) in messages {
            let poor = try open(keys)
            #expect(poor.objects.contains(digest) && poor.objects.sizeBytes(of: digest) == 1000)
            let error = #expect(throws: LetheError.self) { try poor.objects.read(digest) }
            #expect(error?.code == .keyMissing && error?.code.exitCode == 1)
            #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
            let report = StoreCheck(poor).run()
            #expect(report.isClean && report.findings.map(\.code) == ["objects-unread"])
        }
        let poor = try open(others)
        _ = try put(bytes(1000), in: poor)
        #expect(try poor.objects.read(digest) == bytes(1000), "storing it again mends that")
        let lineless = #expect(throws: LetheError.self) { try storage.objects.put([1, 2, 3]) }
        #expect(lineless?.code == .keyMissing)
    }

    @Test("An object that somebody put there as it is counts as damage")
    func plain() throws {
        let digest = try fixture.open().objects.put(Array("plain".utf8))
        let storage = try open()
        let error = #expect(throws: LetheError.self) { try storage.objects.read(digest) }
        #expect(error?.message.contains("is not encrypted") == true)
        #expect(StoreCheck(storage).run().findings.map(\.code) == ["object-damaged"])
        _ = try put(Array("plain".utf8), in: storage)
        #expect(StoreCheck(storage).run().findings.isEmpty)
    }
}
