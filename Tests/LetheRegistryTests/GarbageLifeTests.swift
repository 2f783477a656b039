import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

@Suite("Collecting the garbage of a registry in use")
struct GarbageLifeTests {
    @Test("Nothing that a version needs goes: deltas, certificates and old versions included")
    func life() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        try registry.storage.objects.put(Array("nobody needs this".utf8))
        let count = try tiny.check(registry).objectCount
        tiny.ageObjects()
        let foreseen = try tiny.collect(isDryRun: true, in: registry)
        #expect(foreseen.removed.count == 1 && foreseen.removedSizeBytes == 17)
        #expect(try tiny.check(registry).objectCount == count)
        #expect(
            try tiny.collect(in: registry).removed.map(\.digest) == foreseen.removed.map(\.digest))
        let report = try tiny.check(registry)
        #expect(report.findings.isEmpty, "\(report.findings)")
        #expect(report.orphanCount == 0 && report.objectCount == count - 1)
        _ = try registry.pull(
            Revision("faces"), to: tiny.folder("pulled"), allowingUncertified: false,
            progress: { _ in })
        try await tiny.forget([2], in: registry)
        #expect(try await tiny.certify(in: registry).certified != nil)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("A negative grace period is refused, and fourteen days are the default")
    func grace() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try registry.storage.objects.put([1, 2, 3])
        await expect(.invalidArgument) {
            _ = try registry.collectGarbage(
                CollectionOrder(graceSeconds: -1), now: TinyRegistry.now, progress: { _ in })
        }
        let now = Timestamp(Date())
        for (days, count) in [(0, 0), (13, 0), (15, 1)] {
            let later = Timestamp(secondsSince1970: now.secondsSince1970 + Int64(days) * 86400)
            let report = try registry.collectGarbage(
                CollectionOrder(), now: later, progress: { _ in })
            #expect(report.removed.count == count, "after \(days) days")
        }
    }

    @Test(
        "A writer that is killed frees what it held", arguments: [TinyOperation.publish, .forget])
    func killedWriter(_ operation: TinyOperation) async throws {
        let template = try await operation.prepare()
        let worker = Locations.products.appending(path: "lethe-crash-worker")
        var leasedRows = 0
        var number = 1
        while true {
            let tiny = try template.copy()
            let answer = try Program.run(
                worker,
                [operation.rawValue, tiny.root.path, tiny.outside.path, "at", "\(number)"],
                in: tiny.root.deletingLastPathComponent())
            let owners = try FileManager.default.contentsOfDirectory(
                atPath: tiny.root.appending(path: "locks").path
            ).filter { $0.hasPrefix("owner-") }
            leasedRows += owners.count
            let registry = try tiny.open()
            let report = try tiny.collect(in: registry)
            #expect(report.leased.count == 0, "step \(number)")
            #expect(report.leftovers.filter { $0.hasPrefix("locks/") }.count == owners.count)
            let check = try tiny.check(registry)
            // What a logged version needs is kept for the next writer, who moves the line to it.
            let isAhead = check.findings.contains { $0.code == "log-ahead" }
            #expect(check.isClean && (check.orphanCount == 0 || isAhead), "\(check.findings)")
            do throws(LetheError) {
                try await operation.run(on: tiny, in: registry)
            } catch {
                #expect(error.code == operation.errorWhenDone, "\(error)")
            }
            #expect(try tiny.check(registry).findings.isEmpty)
            guard answer.wasKilled else { break }
            number += 3
        }
        #expect(leasedRows > 3)
    }

    @Test("A pull reads what it began to read, even if the line and its objects go meanwhile")
    func pullOfARemovedVersion() async throws {
        let tiny = try TinyRegistry()
        try await tiny.publish(in: tiny.open())
        // The newest entry of the log would put its branch back.
        try await tiny.publish(tiny.otherModelFolder, as: "others", in: tiny.open())
        // While the first file is read, somebody removes the branch and collects garbage.
        let moment = Once {
            let branch = tiny.root.appending(path: "lineage.git/refs/heads/faces")
            try FileManager.default.removeItem(at: branch)
            let report = try tiny.collect(in: tiny.open())
            #expect(report.leased.count > 0)
        }
        _ = try tiny.open().pull(
            Revision("faces@v1"), to: tiny.folder("pulled"), allowingUncertified: true,
            progress: { _ in moment.run() })
        #expect(moment.error == nil)
        #expect(
            try Data(contentsOf: tiny.folder("pulled").appending(path: "model.safetensors"))
                == Data(contentsOf: tiny.modelFolder.appending(path: "model.safetensors")))
    }
}

/// Runs something once, and keeps what it threw.
private final class Once: Sendable {
    private let isDone = Mutex(false)
    private let thrown = Mutex<String?>(nil)
    private let body: @Sendable () throws -> Void

    init(_ body: @escaping @Sendable () throws -> Void) {
        self.body = body
    }

    var error: String? { thrown.withLock { $0 } }

    func run() {
        let isFirst = isDone.withLock { isDone in
            defer { isDone = true }
            return !isDone
        }
        guard isFirst else { return }
        do { try body() } catch { thrown.withLock { $0 = "\(error)" } }
    }
}

extension TinyRegistry {
    /// Collects garbage without sparing what is young.
    func collect(isDryRun: Bool = false, in registry: Registry) throws -> CollectionReport {
        try registry.collectGarbage(
            CollectionOrder(graceSeconds: 0, isDryRun: isDryRun), now: Timestamp(Date()),
            progress: { _ in })
    }

    /// Makes every object look a month old.
    func ageObjects() {
        for url in files(below: root.appending(path: "objects")) {
            let month = Date(timeIntervalSinceNow: -30 * 24 * 3600)
            try? FileManager.default.setAttributes(
                [.modificationDate: month], ofItemAtPath: url.path)
        }
    }
}
