import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Keys that are retired")
struct KeyRetirementTests: EncryptedSuite {
    let fixture: StorageFixture
    let keys = MemoryKeys()

    init() throws {
        fixture = try StorageFixture()
    }

    @Test("When a key is retired, what is there moves to the new one, and a backup is noise")
    func retirement() throws {
        let storage = try open()
        let kept = try (0..<70).map { try put(bytes($0 + 10), in: storage) }
        let erased = try put(bytes(5000), in: storage)
        let foreign = try put(bytes(6000), of: "cats", in: storage)
        let backup = try fixture.copy()
        try FileManager.default.removeItem(at: storage.objects.url(of: erased))
        let old = try keys.writingKey(of: "faces")
        let count = try KeyRetirement(storage).run(
            choosing: { () throws(LetheError) in
                keys.objectKeys().contains { $0.identifier == old.identifier }
                    ? [([old], try keys.newest(of: "faces", after: old))] : []
            },
            destroying: { for key in $0 { keys.destroy(key) } })
        #expect(count == 70)
        let reopened = try open()
        for (index, digest) in kept.enumerated() {
            #expect(try reopened.objects.read(digest) == bytes(index + 10))
        }
        #expect(try reopened.objects.read(foreign) == bytes(6000))
        #expect(StoreCheck(reopened).run().findings.isEmpty)
        let vault = ObjectVault()
        vault.use(keys)
        let copy = try backup.open().encrypted(with: vault)
        for digest in kept + [erased] {
            let error = #expect(throws: LetheError.self) { try copy.objects.read(digest) }
            #expect(error?.code == .keyMissing)
        }
    }

    @Test("A retirement that fails at any step loses nothing and is gone on with")
    func failingRetirement() throws {
        var number = 1
        while true {
            let fixture = try StorageFixture()
            let keys = MemoryKeys()
            let vault = ObjectVault()
            vault.use(keys)
            let storage = try fixture.open().encrypted(with: vault)
            let batch = storage.objects.batch(of: "faces")
            for count in 1...5 { try batch.put(bytes(count)) }
            try batch.makeDurable()
            batch.release()
            let old = try keys.writingKey(of: "faces")
            let new = try keys.add(to: "faces")
            let counter = StepCounter(failing: number)
            let failing = try fixture.open(beforeStep: counter.hook).encrypted(with: vault)
            for attempt in [failing, storage] {
                _ = try? KeyRetirement(attempt).run(
                    choosing: { [([old], new)] },
                    destroying: { for key in $0 { keys.destroy(key) } })
                for count in 1...5 {
                    let digest = Digest(hashing: bytes(count))
                    #expect(try storage.objects.read(digest) == bytes(count), "step \(number)")
                }
            }
            #expect(keys.objectKeys().count == 1)
            #expect(StoreCheck(storage).run().isClean)
            if !counter.hasFailed { break }
            number += 1
        }
        #expect(number > 10)
    }
}
