import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

@Suite("The power fails")
struct PowerCutTests {
    @Test(
        "Before a step, whatever was not synced is lost: the old or the new version is there",
        arguments: TinyOperation.allCases)
    func cut(_ operation: TinyOperation) async throws {
        let tiny = try await operation.prepare()
        let disk = DurableDisk(tiny.root)
        let remains = tiny.folder("remains")
        let failure = Mutex<(any Error)?>(nil)
        // Every fourth step from a random first one; all of them if `LETHE_EVERY_STEP` is set.
        let distance = InterleavingTests.isExhaustive ? 1 : 4
        let first = Int.random(in: 0..<distance)
        let registry = try tiny.open { (step) throws(LetheError) in
            let number = disk.willDo(step)
            guard number % distance == first else { return }
            do {
                for loss in DurableDisk.Loss.allCases {
                    try disk.write(to: remains.appending(path: "\(number)-\(loss)"), losing: loss)
                }
            } catch {
                failure.withLock { $0 = error }
            }
        }
        try await operation.run(on: tiny, in: registry)
        disk.end()
        if let error = failure.withLock({ $0 }) { throw error }

        let cuts = try FileManager.default.contentsOfDirectory(atPath: remains.path)
        #expect(cuts.count * distance > 20)
        var doneCounts: Set<Int> = []
        for name in cuts.sorted() {
            let left = TinyRegistry(root: remains.appending(path: name), outside: tiny.outside)
            doneCounts.insert(try expectWhole(left, operation, "\(operation), cut \(name)"))
        }
        #expect(doneCounts.isSubset(of: [0, 1]) && doneCounts.contains(0))
        for loss in DurableDisk.Loss.allCases {
            let left = TinyRegistry(
                root: remains.appending(path: "end-\(loss)"), outside: tiny.outside)
            try disk.write(to: left.root, losing: loss)
            // What was acknowledged is never lost.
            #expect(try expectWhole(left, operation, "\(operation), after the end") == 1)
        }
    }

    private func expectWhole(
        _ tiny: TinyRegistry, _ operation: TinyOperation, _ place: Comment
    ) throws -> Int {
        let registry = try tiny.open()
        let report = try tiny.check(registry)
        #expect(report.isClean, "\(place): \(report.findings)")
        return try operation.doneCount(in: registry)
    }
}
