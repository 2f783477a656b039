import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("A registry that encrypts what it stores")
struct EncryptedRegistryTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry(encrypting: true)
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    private func pull(_ revision: String, from registry: Registry) throws(LetheError) -> URL {
        let folder = tiny.folder(UUID().uuidString)
        _ = try registry.pull(
            Revision(revision), to: folder, allowingUncertified: true, progress: { _ in })
        return folder
    }

    private func erase() async throws -> PurgeReport {
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        try await tiny.keepYardstick(in: registry)
        return try tiny.purge(in: registry)
    }

    /// Runs of bytes that stand for the tensors of a weights file, wherever it is cut.
    private func runs(of file: URL) throws -> [Data] {
        let bytes = try Data(contentsOf: file)
        let start = 8 + bytes.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        return stride(from: start, to: bytes.count - 16, by: 16).map {
            bytes.subdata(in: $0..<$0 + 16)
        }.filter { $0 != Data(count: 16) }
    }

    private func expectNoRuns(of file: URL) throws {
        let runs = try runs(of: file)
        #expect(runs.count > 3)
        for place in files(below: tiny.root) {
            let bytes = try Data(contentsOf: place)
            #expect(!runs.contains { bytes.firstRange(of: $0) != nil }, "\(place.path)")
        }
    }

    @Test("The whole life works, and no run of a tensor lies in its folder")
    func life() async throws {
        _ = try await erase()
        let folder = try pull("faces", from: registry)
        for model in [tiny.modelFolder, folder] {
            try expectNoRuns(of: model.appending(path: "model.safetensors"))
        }
        try await tiny.publish(tiny.otherModelFolder, as: "cats", in: registry)
        _ = try registry.reindex()
        _ = try registry.collectGarbage(
            CollectionOrder(graceSeconds: 0), now: Timestamp(Date()), progress: { _ in })
        #expect(try tiny.check(registry).findings.isEmpty)
        #expect(try tiny.check().findings.isEmpty)
        #expect(registry.isEncrypted)
    }

    @Test("What is pulled has the bytes that a registry without encryption gives")
    func equal() async throws {
        let plain = try TinyRegistry()
        let other = try plain.open()
        #expect(!other.isEncrypted)
        try await plain.publish(in: other)
        try await plain.addDataset(in: other)
        try await plain.forget([1], in: other)
        try await tiny.forget([1], in: registry)
        for revision in ["faces@v1", "faces@v2"] {
            let (one, two) = (try pull(revision, from: registry), try pull(revision, from: other))
            for name in ["model.safetensors", "config.json"] {
                #expect(
                    try Data(contentsOf: one.appending(path: name))
                        == Data(contentsOf: two.appending(path: name)), "\(revision) \(name)")
            }
        }
        #expect(!FileManager.default.fileExists(atPath: plain.keysFolder.path + "/objects"))
    }

    @Test("Keys can be destroyed by hand: no version loses its bytes, a backup loses all")
    func byHand() async throws {
        try await tiny.publish(as: "twins", in: registry)
        try await tiny.publish(tiny.otherModelFolder, as: "cats", in: registry)
        let backup = try tiny.copy()
        let keys = try tiny.keys()
        let use = try #require(registry.objectKeyUse(of: ["faces"], keys: keys).first)
        #expect(use.line == "faces" && use.fingerprints.count == 1 && use.objectCount > 0)
        // Also what the other two share with it.
        #expect(use.needs.keys.allSatisfy { ["faces@v1", "twins@v1", "cats@v1"].contains($0) })
        #expect(use.unneededCount == 0)
        let result = try registry.destroyKeys(
            of: ["faces"], keys: keys, now: TinyRegistry.now, progress: { _ in })
        #expect(result.encryptedAnewCount == use.objectCount)
        let receipt = try #require(result.receipt)
        #expect(receipt.destroyedKeys == use.fingerprints && receipt.tombstones.isEmpty)
        for name in ["faces", "twins", "cats"] { _ = try pull("\(name)@v1", from: registry) }
        let error = await expect(.keyMissing) { _ = try pull("faces@v1", from: backup.open()) }
        #expect(error?.message.contains("was destroyed") == true)
        let cats = try #require(ObjectKeyFolder(in: tiny.keysFolder).keys(of: "cats").first)
        let objects = try backup.open().storage.objects
        var own: [Digest] = []
        try objects.eachEncrypted { if $0.key == cats.key.identifier { own.append($0.digest) } }
        #expect(!own.isEmpty)
        for digest in own { _ = try objects.read(digest) }
        #expect(try tiny.check(registry).findings.isEmpty)
        await expect(.notFound) {
            _ = try registry.destroyKeys(
                of: ["dogs"], keys: keys, now: TinyRegistry.now, progress: { _ in })
        }
        let plain = try TinyRegistry()
        await expect(.invalidArgument) {
            _ = try plain.open().objectKeyUse(keys: plain.keys())
        }
    }

    @Test("What one line stored and another one lost last goes with the key that it was under")
    func foreignKey() async throws {
        // Both share every object, which the key of twins encrypts.
        let shared = try TinyRegistry(encrypting: true)
        let registry = try shared.open()
        let folder = ObjectKeyFolder(in: shared.keysFolder)
        try await shared.publish(as: "twins", in: registry)
        try await shared.publish(in: registry)
        try await shared.addDataset(in: registry)
        _ = try registry.revoke(
            Revision("twins@v1"), reason: "Gone.", keys: shared.keys(), now: TinyRegistry.now)
        try await shared.publish(shared.otherModelFolder, as: "twins", in: registry)
        try await shared.keepYardstick(of: "twins", in: registry)
        _ = try shared.purge(in: registry)
        let second = try #require(folder.keys(of: "twins").first)
        #expect(second.number == 2, "what faces needs is under the next key of twins")
        let backup = try shared.copy()
        try await shared.forget([1], in: registry)
        try await shared.certify(in: registry)
        try await shared.keepYardstick(in: registry)
        let receipt = try #require(try shared.purge(in: registry).receipt)
        #expect(receipt.destroyedKeys?.contains(second.key.fingerprint) == true)
        let copy = try backup.open()
        var count = 0
        for object in receipt.gone {
            let key = try copy.storage.objects.encrypted(object.digest)?.key
            guard key == second.key.identifier else { continue }
            count += 1
            await expect(.keyMissing) { _ = try copy.storage.objects.read(object.digest) }
        }
        #expect(count > 0)
        #expect(try shared.check(registry).findings.isEmpty)
    }

    @Test("A purge that fails at any step goes on, and every key that had to go is gone")
    func failing() async throws {
        var number = Int.random(in: 1...6)
        while true {
            let tiny = try TinyRegistry(encrypting: true)
            let registry = try tiny.open()
            try await tiny.publish(in: registry)
            try await tiny.addDataset(in: registry)
            try await tiny.forget([1], in: registry)
            try await tiny.certify(in: registry)
            try await tiny.keepYardstick(in: registry)
            let step = FailingStep(number)
            _ = try? tiny.purge(in: tiny.open(beforeStep: step.hook))
            _ = try tiny.purge(in: registry)
            let folder = ObjectKeyFolder(in: tiny.keysFolder)
            #expect(try folder.keys().count == 1, "step \(number)")
            let named = try registry.receipts().flatMap { $0.destroyedKeys ?? [] }
            #expect(try !named.isEmpty && named.sorted() == folder.destroyed(), "step \(number)")
            #expect(try tiny.check(registry).isClean, "step \(number)")
            if !step.hasFailed { break }
            number += 6
        }
        #expect(number > 10)
    }

    @Test("What was purged cannot be read in a backup, with every key that is left")
    func backup() async throws {
        let before = try tiny.copy()
        _ = try pull("faces@v1", from: before.open())
        let receipt = try #require(try await erase().receipt)
        let destroyed = try #require(receipt.destroyedKeys)
        #expect(destroyed.count == 1)
        #expect(try ObjectKeyFolder(in: tiny.keysFolder).destroyed() == destroyed)
        #expect(try ObjectKeyFolder(in: tiny.keysFolder).keys().map(\.number) == [2])
        await expect(.keyMissing) { _ = try pull("faces@v1", from: before.open()) }
        let findings = try tiny.check(before.open()).findings.filter(\.isDamage)
        #expect(findings.map(\.code) == ["objects-unreadable"], "\(findings)")
        _ = try pull("faces", from: registry)
        let again = try tiny.purge(in: registry)
        #expect(again.receipt == nil)
        #expect(try ObjectKeyFolder(in: tiny.keysFolder).keys().map(\.number) == [2])
        try await tiny.forget([2], in: registry)
        #expect(try await tiny.certify(in: registry).certified != nil)
        #expect(try tiny.purge(in: registry).receipt?.destroyedKeys?.count == 1)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("What two lines share outlives the key that it was encrypted with")
    func shared() async throws {
        try await tiny.publish(as: "twins", in: registry)
        _ = try await erase()
        let folder = try pull("twins@v1", from: tiny.open())
        let name = "model.safetensors"
        #expect(
            try Data(contentsOf: folder.appending(path: name))
                == Data(contentsOf: tiny.modelFolder.appending(path: name)))
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Without keys nothing is given out, and the check says what it could not do")
    func withoutKeys() async throws {
        try await tiny.forget([1], in: registry)
        let poor = try Registry(opening: tiny.root)
        try poor.useKeys(in: tiny.folder("nothing"))
        await expect(.keyMissing) { _ = try pull("faces@v1", from: poor) }
        let report = try tiny.check(poor)
        #expect(report.isClean, "\(report.findings)")
        #expect(report.findings.contains { $0.code == "objects-unread" })
        // With some keys, but not the right ones, what a version needs is lost.
        _ = try ObjectKeyFolder(in: tiny.folder("nothing")).make(for: "cats")
        let damage = try tiny.check(poor).findings.filter(\.isDamage)
        #expect(damage.map(\.code) == ["objects-unreadable"], "\(damage)")
    }

    @Test("Keys inside the registry are refused, and so are transfers")
    func refusals() async throws {
        await expect(.refused) { try registry.useKeys(in: tiny.root.appending(path: "keys")) }
        let keys = try tiny.keys()
        await expect(.unsupported) {
            _ = try Registry.clone(
                tiny.root, to: tiny.folder("clone"), keys: keys, now: TinyRegistry.now,
                progress: { _ in })
        }
        let other = try TinyRegistry()
        await expect(.unsupported) {
            _ = try registry.push(to: other.root, keys: other.keys(), progress: { _ in })
        }
        await expect(.unsupported) {
            _ = try registry.fetch([], from: other.root, keys: keys, progress: { _ in })
        }
        await expect(.unsupported) {
            _ = try other.open().push(to: tiny.root, keys: keys, progress: { _ in })
        }
    }

    @Test("A key file that others can read is refused, a destroyed number is not given again")
    func keyFiles() async throws {
        let folder = ObjectKeyFolder(in: tiny.folder("some-keys"))
        let first = try folder.make(for: "faces")
        let second = try folder.make(for: "faces")
        #expect(try folder.keys().map(\.key.fingerprint).count == 2)
        let file = folder.url.appending(path: "faces.2.key")
        #expect(try Data(contentsOf: file).count == 65)
        try folder.destroy(second)
        #expect(try folder.destroyed() == [second.key.fingerprint])
        #expect(try folder.make(for: "faces").number == 3)
        // As if it had been stopped after the zeros.
        try Data(count: 65).write(to: file)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: file.path)
        #expect(try folder.keys().map(\.number) == [1, 3])
        #expect(try folder.destroyed() == [second.key.fingerprint])
        #expect(
            "\(first.key)" == "(object key)" && "\(first)".contains(first.key.fingerprint) == false)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644],
            ofItemAtPath: folder.url.appending(path: "faces.1.key").path)
        await expect(.refused) { _ = try folder.keys() }
    }
}
