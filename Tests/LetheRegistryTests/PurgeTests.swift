import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Erasing what only revoked versions need")
struct PurgeTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
    }

    private func weightsOfFirst() throws -> [Data] {
        let whole = try Data(
            contentsOf: tiny.modelFolder.appending(path: TinyModel.weightsName))
        return [whole.suffix(16 * 4 + 15 * 2).prefix(16 * 4)]
    }

    /// Whether any object in the store holds the bytes.
    private func isStored(_ bytes: Data) throws -> Bool {
        try contents(of: tiny.root.appending(path: "objects")).values.contains {
            $0.range(of: bytes) != nil
        }
    }

    @Test("Grace counts from the revocation, and a first version waits for its yardstick")
    func waiting() async throws {
        let month = Timestamp(secondsSince1970: TinyRegistry.now.secondsSince1970 + 30 * 86400)
        let early = try tiny.purge(skipsGrace: false, in: registry)
        #expect(early.versions.isEmpty && early.receipt == nil)
        #expect(early.waiting.map(\.version) == ["faces@v1", "faces@v2"])
        #expect(early.waiting.allSatisfy { $0.reason.contains("grace period ends") })
        let late = try tiny.purge(skipsGrace: false, isDryRun: true, now: month, in: registry)
        #expect(late.versions == ["faces@v2"])
        #expect(late.waiting.map(\.version) == ["faces@v1"])
        #expect(late.waiting.first?.reason.contains("lethe yardstick faces") == true)
    }

    @Test("The original weights, the delta and the candidate go, and everything goes on")
    func erase() async throws {
        #expect(try weightsOfFirst().allSatisfy(isStored))
        let before = try registry.show(Revision("faces@v3")).verdict
        let yardstick = try await tiny.keepYardstick(in: registry)
        #expect(try yardstick.answers() == Array(repeating: true, count: 20))
        let foreseen = try tiny.purge(isDryRun: true, in: registry)
        #expect(try weightsOfFirst().allSatisfy(isStored))
        let report = try tiny.purge(in: registry)
        #expect(report.versions == ["faces@v1", "faces@v2"] && report.waiting.isEmpty)
        #expect(Set(report.removed) == Set(foreseen.removed) && report.removed.count >= 4)
        #expect(try !weightsOfFirst().contains { try isStored($0) })
        let delta = try registry.resolve(Revision("faces@v2")).manifest.delta
        #expect(delta.map { registry.storage.objects.contains($0.file.digest) } == false)
        // The preprocessor is everybody's.
        #expect(report.kept.contains { $0.holder == "faces@v3" })
        let receipt = try #require(report.receipt)
        #expect(receipt.gone.map(\.digest).sorted() == report.removed.map(\.digest).sorted())
        #expect(try registry.receipts() == [receipt])

        #expect(try registry.log("faces").map(\.state) == [.current, .erased, .erased])
        #expect(try registry.show(Revision("faces@v3")).verdict == before)
        #expect(try registry.show(Revision("faces@v1")).state == .erased)
        try expectClean()
        _ = try registry.pull(
            Revision("faces"), to: tiny.folder("pulled"), allowingUncertified: false,
            progress: { _ in })
        let error = await expect(.refused) {
            _ = try registry.pull(
                Revision("faces@v1"), to: tiny.folder("no"), allowingUncertified: true,
                progress: { _ in })
        }
        #expect(error?.message.contains("bytes are erased") == true)
        try await tiny.forget([2], in: registry)
        let outcome = try await tiny.certify(in: registry)
        #expect(outcome.certified?.name == "faces@v5")
        #expect(outcome.report.retained.originalAccuracy == 1)
        #expect(outcome.report.forgotten.map(\.originalAccuracy) == [1, 1])
        let second = try tiny.purge(in: registry)
        #expect(second.versions == ["faces@v3", "faces@v4"])
        #expect(try tiny.purge(in: registry).receipt == nil)
        try expectClean()
    }

    private func expectClean(
        _ other: TinyRegistry? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let tiny = other ?? tiny
        let opened = try tiny.open()
        _ = try opened.reindex()
        _ = try opened.collectGarbage(
            CollectionOrder(graceSeconds: 0), now: Timestamp(Date()), progress: { _ in })
        let report = try tiny.check(opened)
        #expect(report.findings.isEmpty, "\(report.findings)", sourceLocation: sourceLocation)
        #expect(try opened.audit().isClean, sourceLocation: sourceLocation)
    }

    @Test("A loss is told from an erasure")
    func loss() async throws {
        try await tiny.keepYardstick(in: registry)
        try tiny.purge(in: registry)
        let version = try registry.resolve(Revision("faces@v3"))
        let file = try #require(version.manifest.files.first { $0.path.hasSuffix("safetensors") })
        let object = registry.storage.objects.url(of: file.assembly ?? file.digest)
        try FileManager.default.removeItem(at: object)
        let codes = Set(try tiny.check(registry).findings.map(\.code))
        #expect(codes == ["file-lost", "object-missing"])
        await expect(.integrity) { _ = try tiny.purge(in: registry) }
    }

    @Test("A clone of a purged registry is whole, and lacks what was erased")
    func clone() async throws {
        try await tiny.keepYardstick(in: registry)
        let erased = try tiny.purge(in: registry).removed
        let clone = try tiny.cloned()
        let opened = try clone.open()
        #expect(!erased.contains { opened.storage.objects.contains($0.digest) })
        #expect(try opened.log("faces").map(\.state) == [.current, .erased, .erased])
        try expectClean(clone)
        try await tiny.addDataset(in: opened)
        try await clone.forget([2], in: opened)
        #expect(try await clone.certify(in: opened).certified != nil)
        try expectClean(clone)
    }

    @Test("Tombstones travel to an old copy, which honours them on arrival and says so")
    func oldCopy() async throws {
        let clone = try tiny.cloned()
        let source = try clone.source.open()
        try await clone.source.keepYardstick(in: source)
        let erased = try clone.source.purge(in: source).removed
        let report = try source.push(to: clone.root, keys: tiny.keys(), progress: { _ in })
        #expect(report.failure == nil && Set(report.erased) == Set(erased))
        let copy = try clone.open()
        #expect(try copy.receipts().map(\.registry) == [copy.description.id])
        #expect(try clone.purge(skipsGrace: false, in: copy).removed.isEmpty)
        try expectClean(clone)
    }

    @Test("An old copy that was stopped before it erased does so with its own purge")
    func stoppedCopy() async throws {
        let clone = try tiny.cloned()
        let source = try clone.source.open()
        try await clone.source.keepYardstick(in: source)
        let erased = try clone.source.purge(in: source).removed
        let copy = try clone.open()
        await expect(.io) {
            _ = try source.push(
                to: clone.root, keys: tiny.keys(),
                beforeStep: { (step) throws(LetheError) in
                    guard step.action == .remove, step.subject.contains("/objects/") else { return }
                    throw LetheError(code: .io, message: "Stopped.", remedy: "Go on.")
                }, progress: { _ in })
        }
        #expect(erased.allSatisfy { copy.storage.objects.contains($0.digest) })
        #expect(try clone.check(copy).findings.map(\.code) == ["erasure-unfinished"])
        let honoured = try clone.purge(skipsGrace: false, in: copy)
        #expect(Set(honoured.removed) == Set(erased) && honoured.versions.isEmpty)
        #expect(honoured.receipt?.registry == copy.description.id)
        try expectClean(clone)
        // The receipt travels back.
        let back = try source.fetch([], from: clone.root, keys: tiny.keys(), progress: { _ in })
        #expect(back.failure == nil)
        #expect(try clone.source.check(source).findings.isEmpty)
    }

    @Test("What another line needs stays, and the dry run says who needs it")
    func shared() async throws {
        try await tiny.publish(as: "copy", in: registry)
        try await tiny.keepYardstick(in: registry)
        let report = try tiny.purge(in: registry)
        #expect(report.kept.contains { $0.holder == "copy@v1" })
        #expect(try weightsOfFirst().allSatisfy(isStored))
        try expectClean()
        _ = try registry.pull(
            Revision("copy@v1"), to: tiny.folder("copy"), allowingUncertified: true,
            progress: { _ in })
    }

    @Test("What comes back under a tombstone belongs to the version that brought it")
    func comesBack() async throws {
        try await tiny.keepYardstick(in: registry)
        try tiny.purge(in: registry)
        try await tiny.publish(as: "again", in: registry)
        #expect(try weightsOfFirst().allSatisfy(isStored))
        try expectClean()
        let report = try tiny.purge(in: registry)
        #expect(report.removed.isEmpty && report.receipt == nil)
        _ = try registry.pull(
            Revision("again@v1"), to: tiny.folder("again"), allowingUncertified: true,
            progress: { _ in })
    }

    @Test("Replicas and backups that the operator named stand in the receipt with their day")
    func copies() async throws {
        let record = RegisteredCopies(copies: [
            RegisteredCopy(name: "tape", kind: .backup, keepsDays: 90)
        ])
        try Data(record.canonicalBytes()).write(to: tiny.root.appending(path: "copies.json"))
        try await tiny.keepYardstick(in: registry)
        let receipt = try #require(try tiny.purge(in: registry).receipt)
        let expires = Timestamp(secondsSince1970: TinyRegistry.now.secondsSince1970 + 90 * 86400)
        #expect(receipt.copies == [CopyExpiry(name: "tape", kind: .backup, expires: expires)])
    }

    @Test("A reader that has begun keeps what it reads; running again erases it")
    func running() async throws {
        try await tiny.keepYardstick(in: registry)
        let first = try registry.resolve(Revision("faces@v1"))
        let files = first.manifest.files.map {
            StoredFile(digest: $0.digest, sizeBytes: $0.sizeBytes, assembly: $0.assembly)
        }
        var lease = registry.storage.objects.leaseForReading(files)
        let report = try tiny.purge(in: registry)
        #expect(report.kept.contains { $0.holder == ObjectErasure.runningCommand })
        #expect(report.receipt?.kept.isEmpty == false)
        #expect(lease != nil)
        lease = nil
        let again = try tiny.purge(in: registry)
        #expect(!again.removed.isEmpty && again.receipt?.kept.isEmpty == true)
        try expectClean()
    }
}
