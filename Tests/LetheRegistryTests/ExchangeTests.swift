import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

@Suite("Two registries that talk over a pipe", .enabled(if: Program.has("git"), "needs git"))
struct ExchangeTests {
    @Test("What arrives is what arrives from a folder, and only what is missing travels")
    func everything() async throws {
        let fixture = try await TransferFixture()
        try await fixture.workOn()
        let twin = try fixture.copy()
        let report = try Conversation(fixture).run()
        #expect(report.failure == nil)
        let expected = try twin.push()
        #expect(report.tally.objectCount == expected.tally.objectCount)
        #expect(report.tally.objectSizeBytes == expected.tally.objectSizeBytes)
        #expect(report.lines.map(\.versionCount) == expected.lines.map(\.versionCount))
        #expect(try TransferFixture.tips(fixture.target) == TransferFixture.tips(twin.target))
        #expect(TransferFixture.objects(fixture.target) == TransferFixture.objects(twin.target))
        try TransferFixture.expectClean(fixture.target, "exchange", withGit: true)
        let again = try Conversation(fixture).run()
        #expect(again.failure == nil && again.tally == TransferTally())
    }

    @Test("A report that is longer than a frame arrives whole")
    func longReport() async throws {
        let tiny = try TinyRegistry()
        defer { withExtendedLifetime(tiny) {} }
        let (there, back) = (Pipe(), Pipe())
        let registry = try tiny.open()
        let count = 9000
        Thread.detachNewThread {
            let taker = FrameChannel(
                input: there.fileHandleForReading, output: back.fileHandleForWriting, name: "it")
            let line: JSONValue = [
                "reference": "refs/heads/faces", "versions": 1, "outcome": "moved",
                "to": .string(String(repeating: "a", count: 40)), "from": .null, "error": .null,
            ]
            let report = JSONValue.object(["lines": .array(Array(repeating: line, count: count))])
            try? taker.send(.hello, Array("{\"protocol\":1}".utf8))
            try? taker.sendReport(CanonicalJSON.encode(report))
        }
        let report = try registry.exchangeSending(
            over: FrameChannel(
                input: back.fileHandleForReading, output: there.fileHandleForWriting,
                name: "the other side"), progress: { _ in })
        #expect(report.lines.count == count)
    }

    @Test("One line alone travels if one was named")
    func oneLine() async throws {
        let fixture = try await TransferFixture()
        try await fixture.workOn()
        let report = try Conversation(fixture).run(["cats"])
        #expect(report.failure == nil && report.lines.map(\.reference.name) == ["cats"])
        #expect(try fixture.target.open().models() == ["cats", "faces"])
        let absent = try Conversation(fixture).run(["dogs"])
        #expect(absent.failure?.code == .notFound)
    }

    @Test("A poisoned mirror is named, and not one of its bytes gets in")
    func poisoned() async throws {
        let template = try await TransferFixture()
        try await template.workOn()
        for number in 0..<6 {
            let fixture = try template.copy()
            let changed = Mutex(false)
            let report = try Conversation(
                fixture, object: number,
                change: { content in
                    changed.withLock { $0 = true }
                    content[content.count / 2] ^= 1
                }
            ).run()
            guard changed.withLock({ $0 }) else { continue }
            let failure = try #require(report.failure, "object \(number)")
            #expect(failure.code == .integrity && failure.message.contains("the other side"))
            try TransferFixture.expectClean(fixture.target, "object \(number)")
            // The same again from an honest mirror takes the rest.
            #expect(try Conversation(fixture).run().failure == nil)
            #expect(
                try TransferFixture.tips(fixture.target)
                    == TransferFixture.tips(fixture.source))
        }
    }

    @Test("Objects that are longer than announced, or end too early, are refused")
    func lengths() async throws {
        let template = try await TransferFixture()
        try await template.workOn()
        for change: @Sendable (inout [UInt8]) -> Void in [
            { $0 += [0] }, { $0.removeLast() }, { $0 = [] },
        ] {
            let fixture = try template.copy()
            let report = try Conversation(fixture, object: 0, change: change).run()
            #expect(report.failure?.code == .integrity)
            try TransferFixture.expectClean(fixture.target, "length")
        }
    }

    @Test("A connection that is cut at any frame leaves a clean registry; the next one goes on")
    func cut() async throws {
        let template = try await TransferFixture()
        try await template.workOn()
        let total = Mutex(0)
        _ = try Conversation(template.copy(), onFrame: { total.withLock { $0 += 1 } }).run()
        let count = total.withLock { $0 }
        #expect(count > 10)
        for last in stride(from: 0, to: count, by: max(1, count / 8)) {
            let fixture = try template.copy()
            let seen = Mutex(0)
            let result = Result { () throws -> TransferReport in
                try Conversation(
                    fixture,
                    cutsAt: {
                        seen.withLock {
                            $0 += 1
                            return $0 > last
                        }
                    }
                ).run()
            }
            // Before the first line it is an error, later what becomes of the lines.
            switch result {
            case .success(let report): #expect(report.failure?.code == .io, "after \(last)")
            case .failure(let error): #expect((error as? LetheError)?.code == .io, "\(error)")
            }
            try TransferFixture.expectClean(fixture.target, "cut after \(last)", withGit: true)
            #expect(try Conversation(fixture).run().failure == nil, "after \(last)")
            #expect(
                try TransferFixture.tips(fixture.target) == TransferFixture.tips(fixture.source))
        }
    }

    @Test("Two that push at once: one is told, and nothing that it sent is lost")
    func twoPushers() async throws {
        let first = try await TransferFixture()
        let second = try first.copy().with(target: first.target)
        try await first.source.publish(first.source.otherModelFolder, in: first.source.open())
        let registry = try second.source.open()
        try await second.source.forget([1], in: registry)
        let reports = Mutex<[TransferReport]>([])
        let group = DispatchGroup()
        for fixture in [first, second] {
            let thread = Thread {
                if let report = try? Conversation(fixture).run(["faces"]) {
                    reports.withLock { $0.append(report) }
                }
                group.leave()
            }
            group.enter()
            thread.start()
        }
        await withCheckedContinuation { done in group.notify(queue: .global()) { done.resume() } }
        let failures = reports.withLock { $0.map { $0.failure?.code } }
        #expect(failures.count == 2 && failures.contains(nil) && failures.contains(.conflict))
        try TransferFixture.expectClean(first.target, "two", withGit: true)
        for fixture in [first, second] {
            #expect(try fixture.source.check().isClean, "what was pushed is still with its pusher")
        }
    }

    @Test("Decisions about versions that lost against others are not taken without them")
    func lostDecisions() async throws {
        let first = try await TransferFixture()
        let second = try first.copy().with(target: first.target)
        try await first.source.publish(first.source.otherModelFolder, in: first.source.open())
        let registry = try second.source.open()
        try await second.source.forget([1], in: registry)
        try await second.source.certify(in: registry)
        #expect(try Conversation(first).run().failure == nil)
        let report = try Conversation(second).run(["faces"])
        #expect(report.failure?.code == .conflict)
        #expect(report.lines.allSatisfy { $0.versionCount == 0 })
        try TransferFixture.expectClean(first.target, "lost", withGit: true)
    }

    @Test("What was purged at the origin is erased at the mirror when the tombstones arrive")
    func purge() async throws {
        let fixture = try await TransferFixture()
        let registry = try fixture.source.open()
        try await fixture.source.forget([1], in: registry)
        try await fixture.source.certify(in: registry)
        #expect(try Conversation(fixture).run().failure == nil)
        try await fixture.source.keepYardstick(in: registry)
        let purged = try fixture.source.purge(in: registry)
        let gone = purged.removed.map(\.digest)
        let mirror = try fixture.target.open()
        #expect(gone.count >= 4 && gone.allSatisfy(mirror.storage.objects.contains))
        let report = try Conversation(fixture).run()
        #expect(report.failure == nil)
        #expect(!gone.contains(where: mirror.storage.objects.contains))
        let receipt = try #require(try mirror.receipts().last)
        #expect(Set(receipt.gone.map(\.digest)) == Set(gone))
        #expect(try mirror.log("faces").map(\.state) == [.current, .erased, .erased])
        try TransferFixture.expectClean(fixture.target, "purge")
    }

    @Test("Rubbish in place of an answer is an error that says so")
    func rubbish() async throws {
        let fixture = try await TransferFixture()
        let registry = try fixture.target.open()
        let keys = try fixture.target.keys()
        for text in ["Welcome to Debian!\n", "", "h\u{0}\u{0}\u{0}\u{2}{}"] {
            let (input, output) = (Pipe(), Pipe())
            input.fileHandleForWriting.write(Data(text.utf8))
            try input.fileHandleForWriting.close()
            let channel = FrameChannel(
                input: input.fileHandleForReading, output: output.fileHandleForWriting,
                name: "the other side")
            #expect(throws: LetheError.self) {
                try registry.exchangeReceiving(over: channel, keys: keys, now: TinyRegistry.now)
            }
        }
        try TransferFixture.expectClean(fixture.target, "rubbish")
    }
}
