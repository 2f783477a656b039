import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Consumers, and what they have seen erased")
struct ConsumerTests {
    let tiny: TinyRegistry
    let registry: Registry
    let seen: SeenFile

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        seen = SeenFile(tiny.folder("consumer/seen.json"))
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
    }

    private func pull(
        _ revision: String = "faces", from registry: Registry, as consumer: Consumer? = nil,
        to name: String = UUID().uuidString
    ) throws(LetheError) {
        _ = try registry.pull(
            Revision(revision), to: tiny.folder(name), allowingUncertified: true, seen: seen,
            as: consumer, now: TinyRegistry.now, progress: { _ in })
    }

    @Test("Who has seen two requests honoured takes no version of one, from any copy")
    func rollback() async throws {
        let old = try tiny.copy()
        try pull(from: old.open())
        try await tiny.forget([2], in: registry)
        try await tiny.certify(in: registry)
        try pull(from: registry)
        #expect(try seen.read().lines.map(\.epoch) == [2])
        let error = await expect(.refused) { try pull(from: old.open()) }
        #expect(error?.code.exitCode == 5)
        await expect(.refused) { try pull("faces@v3", from: old.open()) }
        let clone = try old.cloned()
        await expect(.refused) { try pull(from: clone.open()) }
        try pull(from: registry)
    }

    @Test("A line of the same name in the same registry is no way around, nor is a broken memory")
    func otherLine() async throws {
        try await tiny.forget([2], in: registry)
        try await tiny.certify(in: registry)
        try pull(from: registry)
        var line = try #require(seen.read().lines.first)
        line.first = Digest(hashing: [])
        line.epoch = 3
        let memory = tiny.folder("consumer/seen.json")
        try Data(SeenErasures(lines: [line]).canonicalBytes()).write(to: memory)
        let error = await expect(.refused) { try pull(from: registry) }
        #expect(error?.message.contains("3 were seen here before") == true)
        try Data("{}".utf8).write(to: memory)
        await expect(.unsupported) { try pull(from: registry) }
    }

    @Test("Who pulled what is revoked now owes a receipt, until the copy is pruned")
    func notices() async throws {
        let consumer = try Consumer(name: "web", keyFile: tiny.folder("consumer/consumer.pem"))
        try pull("faces@v3", from: registry, as: consumer, to: "mine")
        try Data("mine".utf8).write(to: tiny.folder("mine").appending(path: "notes.txt"))
        #expect(try registry.notices().isEmpty)
        let early = try registry.prune(tiny.folder("mine"), as: consumer, now: TinyRegistry.now)
        #expect(early.removed.isEmpty && early.receipts.isEmpty)

        try await tiny.forget([2], in: registry)
        try await tiny.certify(in: registry)
        try tiny.purge(in: registry)
        let owed = try registry.notices()
        #expect(owed.map(\.consumer) == ["web"] && owed.map(\.version) == ["faces@v3"])
        let outcome = try registry.prune(tiny.folder("mine"), as: consumer, now: TinyRegistry.now)
        #expect(outcome.versions == ["faces@v2", "faces@v3"] && outcome.removed.count == 6)
        let left = try FileManager.default.contentsOfDirectory(
            atPath: tiny.folder("mine").path)
        #expect(left == ["notes.txt"])
        #expect(try registry.notices().isEmpty)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A removal that fails half-way is finished by the next one, which signs for all of it")
    func half() async throws {
        let consumer = try Consumer(name: "web", keyFile: tiny.folder("consumer/consumer.pem"))
        try pull("faces@v3", from: registry, as: consumer, to: "mine")
        _ = try registry.revoke(
            Revision("faces@v3"), reason: "By hand.", keys: tiny.keys(), now: TinyRegistry.now)
        let mine = tiny.folder("mine")
        let weights = mine.appending(path: "model.safetensors").path
        // The next step after the weights are gone.
        let broken = try tiny.open { (_) throws(LetheError) in
            guard FileManager.default.fileExists(atPath: weights) else {
                throw LetheError(code: .diskFull, message: "No more steps.", remedy: "Retry.")
            }
        }
        await expect(.diskFull) {
            _ = try broken.prune(mine, as: consumer, now: TinyRegistry.now)
        }
        #expect(try registry.notices().map(\.version) == ["faces@v3"])
        let stranger = try Consumer(name: "web", keyFile: tiny.folder("consumer/other.pem"))
        let nothing = try registry.prune(mine, as: stranger, now: TinyRegistry.now)
        #expect(nothing.removed.isEmpty && nothing.receipts.isEmpty)
        let outcome = try registry.prune(mine, as: consumer, now: TinyRegistry.now)
        #expect(outcome.versions == ["faces@v2", "faces@v3"] && outcome.receipts.count == 1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: mine.path).isEmpty)
        #expect(try registry.notices().isEmpty)
    }

    @Test("Somebody else's receipt settles nothing")
    func forged() async throws {
        let consumer = try Consumer(name: "web", keyFile: tiny.folder("consumer/consumer.pem"))
        let other = try Consumer(name: "web", keyFile: tiny.folder("consumer/other.pem"))
        try pull("faces@v3", from: registry, as: consumer, to: "mine")
        _ = try registry.revoke(
            Revision("faces@v3"), reason: "By hand.", keys: tiny.keys(), now: TinyRegistry.now)
        let outcome = try registry.prune(tiny.folder("mine"), as: other, now: TinyRegistry.now)
        #expect(try registry.notices().map(\.version) == ["faces@v3"])
        let receipt = try #require(outcome.receipts.first)
        await expect(.refused) { _ = try registry.takeIn(receipt: receipt) }
    }
}
