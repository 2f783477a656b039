import Foundation
import LetheRecords
import Synchronization
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Garbage collection beside writers")
struct GarbageRaceTests {
    @Test("A collection between any two steps of a writer that uses old unreferenced objects again")
    func writer() throws {
        let template = try Self.template()
        var number = 1
        while true {
            let fixture = try template.copyOld()
            let moment = Moment(number) { try GarbageCollection.run(fixture.open()) }
            let storage = try fixture.open(beforeStep: moment.hook)
            try fixture.publish(GarbageTests.model(2), in: storage)
            try Self.expectClean(fixture, versions: 2, "step \(number)")
            if !moment.hasCome { break }
            number += 1
        }
        #expect(number > 20)
    }

    @Test("Somebody who opens the registry, and so clears tmp/, between any two steps of a writer")
    func opening() throws {
        let template = try Self.template()
        var number = 1
        while true {
            let fixture = try template.copyOld()
            let moment = Moment(number) { _ = try fixture.open() }
            let storage = try fixture.open(beforeStep: moment.hook)
            try fixture.publish(GarbageTests.model(3), in: storage)
            try Self.expectClean(fixture, versions: 2, "step \(number)")
            if !moment.hasCome { break }
            number += 1
        }
        #expect(number > 20)
    }

    @Test("A writer between any two steps of a collection")
    func collection() throws {
        let template = try Self.template()
        var number = 1
        while true {
            let fixture = try template.copyOld()
            let moment = Moment(number) {
                try fixture.publish(GarbageTests.model(2), in: fixture.open())
            }
            try GarbageCollection.run(fixture.open(beforeStep: moment.hook))
            if !moment.hasCome { break }
            try Self.expectClean(fixture, versions: 2, "step \(number)")
            number += 1
        }
        #expect(number > 4)
    }

    @Test("A writer that dies at any step: a collection clears up after it, and it can try again")
    func deadWriter() throws {
        let template = try Self.template()
        var number = 1
        while true {
            let fixture = try template.copyOld()
            let counter = StepCounter(failing: number)
            _ = try? fixture.publish(
                GarbageTests.model(2), in: fixture.open(beforeStep: counter.hook))
            let storage = try fixture.open()
            let count = try storage.lineage.history(of: .model("faces")).count
            try fixture.age(by: GarbageTests.month)
            try GarbageCollection.run(storage)
            try Self.expectClean(fixture, versions: count, "step \(number)")
            #expect(StoreCheck(storage).run().orphanCount == 0)
            if !counter.hasFailed { break }
            number += 1
        }
        #expect(number > 20)
    }

    @Test("A collection that fails at any step leaves a clean registry, and the next one goes on")
    func failing() throws {
        let template = try Self.template()
        let whole = try GarbageCollection.run(template.open(), isDryRun: true)
        var number = 1
        while true {
            let fixture = try template.copyOld()
            let counter = StepCounter(failing: number)
            var removed: [CollectedObject] = []
            do throws(LetheError) {
                removed = try GarbageCollection.run(fixture.open(beforeStep: counter.hook)).removed
            } catch {
                #expect(error.code == .diskFull)
            }
            try Self.expectClean(fixture, versions: 1, "step \(number)")
            try fixture.age(by: GarbageTests.month)
            let rest = try GarbageCollection.run(fixture.open()).removed
            #expect(rest.count <= whole.removed.count - removed.count && whole.removed.count > 2)
            try Self.expectClean(fixture, versions: 1, "after step \(number)")
            #expect(StoreCheck(try fixture.open()).run().orphanCount == 0)
            if !counter.hasFailed { break }
            number += 1
        }
        #expect(number > 4)
    }

    @Test("Two collections at once remove everything once between them")
    func twoCollections() async throws {
        let fixture = try Self.template()
        let root = fixture.root
        let expected = try GarbageCollection.run(fixture.open(), isDryRun: true).removed
        let removed = try await withThrowingTaskGroup(of: [CollectedObject].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    try GarbageCollection.run(RegistryStorage(opening: root)).removed
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(removed.count == expected.count && expected.count > 2)
        #expect(Set(removed.map(\.digest)) == Set(expected.map(\.digest)))
        try Self.expectClean(fixture, versions: 1, "two collections")
    }

    @Test("Writers publish again and again what collections remove: nothing is lost")
    func storm() async throws {
        let fixture = try StorageFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<3 {
                group.addTask {
                    for round in 0..<6 {
                        let storage = try fixture.open()
                        // The others' objects too: each is somebody's garbage at some time.
                        try fixture.abandon(
                            GarbageTests.model(Float(round + 1)), in: storage)
                        try fixture.publish(
                            GarbageTests.model(Float(round)), in: storage, on: "model-\(writer)")
                    }
                }
            }
            group.addTask {
                for _ in 0..<25 { try GarbageCollection.run(fixture.open(), graceSeconds: 0) }
            }
            try await group.waitForAll()
        }
        let storage = try fixture.open()
        let report = StoreCheck(storage).run()
        #expect(report.findings.isEmpty, "\(report.findings)")
        for writer in 0..<3 {
            #expect(try storage.lineage.history(of: .model("model-\(writer)")).count == 6)
        }
        try GarbageCollection.run(fixture.open(), graceSeconds: 0)
        #expect(StoreCheck(try fixture.open()).run().orphanCount == 0)
    }

    /// One version, and old objects of another that no version names.
    private static func template() throws -> StorageFixture {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        try fixture.publish(GarbageTests.model(1), in: storage)
        try fixture.abandon(GarbageTests.model(2), in: storage)
        try fixture.age(by: GarbageTests.month)
        return fixture
    }

    private static func expectClean(
        _ fixture: StorageFixture, versions: Int, _ when: String
    ) throws {
        let storage = try fixture.open()
        let report = StoreCheck(storage).run()
        #expect(report.findings.isEmpty, "\(when): \(report.findings)")
        #expect(try storage.lineage.history(of: .model("faces")).count == versions, "\(when)")
    }
}

extension StorageFixture {
    /// A copy whose objects are a month old: not every copy keeps the times.
    fileprivate func copyOld() throws -> StorageFixture {
        let fixture = try copy()
        try fixture.age(by: GarbageTests.month)
        return fixture
    }
}

/// Runs something else before the n-th step, once.
final class Moment: Sendable {
    private let count = Mutex(0)
    private let number: Int
    private let body: @Sendable () throws -> Void

    init(_ number: Int, _ body: @escaping @Sendable () throws -> Void) {
        self.number = number
        self.body = body
    }

    var hasCome: Bool { count.withLock { $0 } >= number }

    var hook: BeforeStep {
        { (_) throws(LetheError) in
            let now = self.count.withLock { count in
                count += 1
                return count
            }
            guard now == self.number else { return }
            do {
                try self.body()
            } catch {
                throw LetheError(code: .io, message: "Meanwhile: \(error)")
            }
        }
    }
}
