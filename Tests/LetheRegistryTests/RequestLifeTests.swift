import Foundation
import LetheCertificates
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Requests to erase, from the letter to the answer")
struct RequestLifeTests {
    let tiny: TinyRegistry
    let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    private func policy(_ rules: RequestRules? = nil) throws(LetheError) -> Policy {
        var policy = try registry.policy(named: "default")
        policy.requests = rules
        return policy
    }

    @discardableResult
    private func receive(
        _ classes: [Int] = [], samples: [String] = [], from requester: String = "case 1",
        secondsAgo: Int64 = 0
    ) async throws(LetheError) -> String {
        let received = TinyRegistry.now.secondsSince1970 - secondsAgo
        return try await registry.receive(
            CaseOrder(
                model: TinyRegistry.model, dataset: TinyRegistry.dataset, classes: classes,
                samples: samples, basis: .consentWithdrawn, requester: requester,
                received: Timestamp(secondsSince1970: received)),
            engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in }
        ).opening.id
    }

    @discardableResult
    private func accept(
        _ id: String, _ rules: RequestRules? = nil, keys: KeyFolder? = nil
    ) throws(LetheError) -> CaseFile {
        if try registry.caseFile(id).state == .received {
            _ = try registry.identify(id, keys: tiny.keys(), now: TinyRegistry.now)
        }
        let signing = if let keys { keys } else { try tiny.keys() }
        return try registry.accept(
            id, policy: policy(rules), keys: signing, now: TinyRegistry.now)
    }

    @discardableResult
    private func run(
        _ ids: [String], recipe: String = "strong"
    ) async throws(LetheError) -> Version {
        let order = try registry.order(
            for: ids, recipe: registry.recipe(named: recipe), seed: 1, place: TinyRegistry.place)
        return try await registry.runRequests(
            ids, order: order, engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now,
            progress: { _ in })
    }

    private func settle() throws(LetheError) -> Settlement {
        try registry.settle(keys: tiny.keys(), now: TinyRegistry.now)
    }

    private func states(_ ids: [String]) throws(LetheError) -> [CaseState] {
        var states: [CaseState] = []
        for id in ids { states.append(try registry.caseFile(id).state) }
        return states
    }

    @Test("Three requests share one run, and each closes as a record of its own")
    func life() async throws {
        let ids = [
            try await receive([1], secondsAgo: 3),
            try await receive([2, 1], from: "case 2", secondsAgo: 2),
            try await receive([1], from: "case 3", secondsAgo: 1),
        ]
        for id in ids { try accept(id) }
        let radius = try registry.planRequests(ids, keys: tiny.keys(), now: TinyRegistry.now)
        #expect(radius.entries.map(\.version) == ["faces@v1"] && radius.goingSizeBytes > 0)
        let version = try await run(ids)
        #expect(version.manifest.requests.count == 2)
        #expect(try states(ids) == [.run, .run, .run])
        #expect(try settle().written.isEmpty)
        try await tiny.certify(in: registry)
        let settled = try settle()
        #expect(settled.written.map(\.step) == [.verified, .verified, .verified])
        #expect(settled.waiting.allSatisfy { $0.reasons.contains { $0.contains("lethe purge") } })
        try await tiny.keepYardstick(in: registry)
        try tiny.purge(in: registry)
        #expect(try settle().written.map(\.step) == [.propagated, .propagated, .propagated])
        for id in ids {
            await expect(.refused) {
                _ = try registry.close(id, keys: tiny.keys(), now: TinyRegistry.now)
            }
            _ = try registry.notify(id, keys: tiny.keys(), now: TinyRegistry.now)
            _ = try registry.close(id, keys: tiny.keys(), now: TinyRegistry.now)
        }
        #expect(try states(ids) == [.closed, .closed, .closed])
        #expect(try settle().waiting.isEmpty)
        let requests = try ids.map { try registry.caseFile($0).newest(.run)?.requests?.count }
        #expect(requests == [1, 2, 1])
        try expectWhole()
    }

    private func expectWhole() throws {
        _ = try registry.reindex()
        _ = try registry.collectGarbage(
            CollectionOrder(graceSeconds: 0), now: Timestamp(Date()), progress: { _ in })
        #expect(try tiny.check(registry).findings.isEmpty)
        #expect(try registry.audit().isClean)
        let clone = try tiny.cloned()
        let copy = try clone.open()
        #expect(try clone.check(copy).findings.isEmpty)
        #expect(try copy.caseFiles().map(\.state) == registry.caseFiles().map(\.state))
    }

    @Test("A model takes its requests along when it travels, and no other model's")
    func travels() async throws {
        let clone = try tiny.cloned()
        let source = try clone.source.open()
        try await clone.source.publish(as: "cats", in: source)
        for model in ["faces", "cats"] {
            let order = CaseOrder(
                model: model, dataset: TinyRegistry.dataset, classes: [1], basis: .objection,
                requester: "case 1", received: TinyRegistry.now)
            _ = try await source.receive(
                order, engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now,
                progress: { _ in })
        }
        let copy = try clone.open()
        let report = try copy.fetch(
            ["faces"], from: clone.source.root, keys: tiny.keys(), progress: { _ in })
        #expect(report.failure == nil)
        #expect(try copy.caseFiles().map(\.opening.model) == ["faces"])
        #expect(try clone.check(copy).findings.isEmpty)
    }

    @Test("What is not accepted does not run, what has run cannot be withdrawn")
    func refusals() async throws {
        let id = try await receive([1])
        await expect(.alreadyExists) { try await receive([1]) }
        await expect(.refused) { try await run([id]) }
        await expect(.invalidArgument) { try await receive([9]) }
        await expect(.invalidArgument) { try await receive([1], from: "a@b.c 1") }
        try accept(id)
        let other = try await receive([2], from: "case 2")
        await expect(.refused) { try await run([id, other]) }
        let withdrawn = try registry.withdraw(
            other, reason: "A mistake.", keys: tiny.keys(), now: TinyRegistry.now)
        #expect(withdrawn.state == .withdrawn)
        try await tiny.forget([1], in: registry)
        // Nobody wrote it down yet; the lineage says so all the same.
        let error = await expect(.refused) {
            _ = try registry.withdraw(
                id, reason: "Too late.", keys: tiny.keys(), now: TinyRegistry.now)
        }
        #expect(error?.message.contains("faces@v2 has honoured") == true)
        await expect(.refused) { try await run([id]) }
        #expect(try settle().written.map(\.step) == [.run])
    }

    @Test("Samples of several people are forgotten in one run")
    func samples() async throws {
        let ids = [
            try await receive(samples: ["train:0", "train:1"]),
            try await receive(samples: ["train:1", "train:9"], from: "case 2"),
        ]
        for id in ids { try accept(id) }
        let both = try await receive([1], from: "case 3")
        try accept(both)
        await expect(.invalidArgument) { try await run(ids + [both], recipe: "whole") }
        let version = try await run(ids, recipe: "whole")
        #expect(version.manifest.requests.count == 1)
        #expect(try states(ids) == [.run, .run])
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Limits hold where a request is accepted, and a long queue raises an alarm")
    func limits() async throws {
        let rules = RequestRules(perRequesterMaximum: 1, perModelMaximum: 2, alarmShare: 0.5)
        let first = try await receive([1])
        let second = try await receive([2])
        #expect(try registry.queueAlarms(policy: policy(rules)).isEmpty)
        let third = try await receive([3], from: "case 2")
        let alarm = try #require(registry.queueAlarms(policy: policy(rules)).first)
        #expect(alarm.classShare == 0.75 && alarm.requestCount == 3)
        try accept(first, rules)
        await expect(.refused) { try accept(second, rules) }
        try accept(third, rules)
        let fourth = try await receive([1, 2], from: "case 3")
        let error = await expect(.refused) { try accept(fourth, rules) }
        #expect(error?.message.contains("about faces") == true)
    }

    @Test("Where the policy wants four eyes, a second operator with another key must accept")
    func fourEyes() async throws {
        let rules = RequestRules(approvalMinimum: 2)
        let id = try await receive([1])
        #expect(try accept(id, rules).state == .awaitingApproval)
        await expect(.refused) { try accept(id, rules) }
        await expect(.refused) { try await run([id]) }
        let other = try KeyFolder.create(at: tiny.folder("other-keys"))
        await expect(.refused) { try accept(id, rules, keys: other) }
        let line = try other.operatorKey.verifyingKey.openSSHLine
        try registry.trust(line, as: .operator, comment: "second", keys: tiny.keys())
        #expect(try accept(id, rules, keys: other).state == .accepted)
        try await run([id])
        #expect(try tiny.check(registry).findings.isEmpty)
    }
}
