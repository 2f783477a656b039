import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

@Suite("Judgements are announced, counted and remembered")
struct JudgementTests {
    private func forgotten(recipe: String = "strong") async throws -> (TinyRegistry, Registry) {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.forget([1], recipe: recipe, in: registry)
        return (tiny, registry)
    }

    @Test("The bar is in the log before the judge runs, and the verdict names it")
    func announced() async throws {
        let (tiny, registry) = try await forgotten()
        let seen = Mutex<[JudgementEntry]>([])
        let judge = FakeJudge { () async throws(LetheError) in
            let found = try registry.judgements(of: TinyRegistry.model)
            seen.withLock { $0 = found }
        }
        let outcome = try await tiny.certify(judge: judge, in: registry)
        let bar = try #require(seen.withLock { $0.first })
        #expect(bar.stage == .announced && bar.number == 1 && bar.previous == nil)
        #expect(bar.policy == outcome.report.policy)
        #expect(bar.dataset == outcome.report.dataset)
        let certified = try #require(outcome.certified)
        #expect(
            try registry.show(Revision("\(certified.manifest.model)@certified")).verdict?.bar
                == (try bar.digest()))
        #expect(try tiny.check(registry).isClean)
    }

    @Test("A failed judgement is remembered, and trying again is a later judgement")
    func counted() async throws {
        let (tiny, registry) = try await forgotten(recipe: "weak")
        for number in 1...3 {
            let outcome = try await tiny.certify(in: registry)
            #expect(outcome.certified == nil)
            #expect(outcome.report.sequenceNumber == number)
        }
        let entries = try registry.judgements(of: TinyRegistry.model)
        #expect(
            entries.map(\.stage) == [.announced, .failed, .announced, .failed, .announced, .failed])
        #expect(entries.map(\.number) == [1, 1, 2, 2, 3, 3])
        #expect(entries[1].failures?.first?.hasPrefix("forgotten-upper-bound") == true)
        #expect(entries[1].previous == (try entries[0].digest()))
        #expect(try registry.audit().isClean)
        #expect(try tiny.check().isClean)
    }

    @Test("A judgement that was interrupted counts too")
    func interrupted() async throws {
        let (tiny, registry) = try await forgotten()
        let judge = FakeJudge { () async throws(LetheError) in
            throw LetheError(code: .interrupted, message: "Stopped.")
        }
        await #expect(throws: LetheError.self) {
            try await tiny.certify(judge: judge, in: registry)
        }
        let outcome = try await tiny.certify(in: registry)
        #expect(outcome.report.sequenceNumber == 2)
        #expect(outcome.certified != nil)
    }

    @Test("Looking without certifying writes nothing")
    func verifying() async throws {
        let (tiny, registry) = try await forgotten()
        let order = JudgeOrder(
            revision: try Revision(TinyRegistry.model), dataset: nil,
            policy: try registry.policy(named: "default"), place: TinyRegistry.place)
        let (_, report) = try await registry.verify(order, judge: FakeJudge()) { _ in }
        #expect(report.sequenceNumber == 1)
        #expect(try registry.judgements(of: TinyRegistry.model).isEmpty)
        #expect(try tiny.check(registry).isClean)
    }
}
