import Foundation
import LetheRecords
import LetheStorage
import TestSupport
import Testing

@testable import LetheRegistry

@Suite("Repeating a run, and telling a person whether an image was forgotten")
struct ReplayTests {
    private let tiny: TinyRegistry
    private let registry: Registry

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
    }

    private func replay(
        _ revision: String, from folder: URL? = nil, judge: any Judge = FakeJudge()
    ) async throws -> ReplayReport {
        try await registry.replay(
            ReplayOrder(Revision(revision), folder: folder), engine: FakeEngine(), judge: judge,
            keys: tiny.keys(), progress: { _ in })
    }

    private func answer(_ image: String, key: CommitmentKey? = nil) async throws -> ImageAnswer {
        try await registry.prove(
            image: Array(image.utf8), key: key ?? tiny.keys().commitmentKey, engine: FakeEngine(),
            progress: { _ in })
    }

    private func forget(samples: [String]) async throws {
        _ = try await registry.forget(
            ForgetOrder(
                model: TinyRegistry.model, classes: [], dataset: TinyRegistry.dataset,
                recipe: registry.recipe(named: "strong"), seed: 1, place: TinyRegistry.place,
                samples: samples), engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now,
            progress: { _ in })
    }

    @Test("A run that is repeated makes the same bytes, as a delta and as weights")
    func same() async throws {
        try await tiny.forget([1], in: registry)
        try await tiny.forget([2], recipe: "whole", in: registry)
        let before = try registry.log(TinyRegistry.model).count
        for (revision, compared) in [("faces@v2", "delta"), ("faces@v3", "weights")] {
            let report = try await replay(revision)
            #expect(
                report.isSame && report.compared.rawValue == compared, "\(revision) \(report)")
            #expect(report.differences.isEmpty)
        }
        #expect(try registry.log(TinyRegistry.model).count == before)
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("Training is repeated from the folder that somebody kept, and from no other")
    func training() async throws {
        let version = try await registry.train(
            TrainOrder(
                model: "trained", folder: tiny.modelFolder, dataset: TinyRegistry.dataset,
                excludedClasses: [], recipe: registry.recipe(named: "strong"), seed: 5,
                place: TinyRegistry.place), engine: FakeEngine(), keys: tiny.keys(),
            now: TinyRegistry.now, progress: { _ in })
        let report = try await replay(version.name, from: tiny.modelFolder)
        #expect(report.isSame && report.compared == .weights)
        #expect(report.recorded == (try version.weights().digest))
        await expect(.invalidArgument) { _ = try await replay(version.name) }
    }

    @Test("A roll-back is worked out again from what was deleted")
    func rollBack() async throws {
        try await tiny.trainShards(in: registry)
        let version = try tiny.rollBack(samples: [4], in: registry)
        let report = try await replay(version.name)
        let parent = try #require(version.parent)
        #expect(report.isSame && report.compared == .ensemble)
        #expect(try report.recorded == #require(version.manifest.shards).ensemble.digest())
        let before = try registry.version(at: parent).manifest.shards
        #expect(try report.recorded != #require(before).ensemble.digest())
        await expect(.unsupported) { _ = try await replay("\(TinyRegistry.sharded)@v1") }
    }

    /// Says something else than was measured.
    private struct OtherJudge: Judge {
        func judge(
            _ task: JudgeTask, progress: @escaping ProgressHandler
        ) async throws(LetheError) -> JudgeReport {
            var report = try await FakeJudge().judge(task, progress: progress)
            report.hMean += 0.001
            return report
        }
    }

    @Test("A judgement is repeated by the same policy; a figure that was invented shows")
    func judgement() async throws {
        try await tiny.forget([1], in: registry)
        try await tiny.certify(in: registry)
        try await tiny.forget([2], in: registry)
        let count = try registry.judgements(of: TinyRegistry.model).count
        let report = try await replay("faces@v3")
        #expect(report.isSame && report.compared == .report && report.differences.isEmpty)
        #expect(try await !replay("faces@v3", judge: OtherJudge()).isSame)
        #expect(try registry.judgements(of: TinyRegistry.model).count == count)
        let policy = registry.storage.layout.policies.appending(path: "default.json")
        var changed = try registry.policy(named: "default")
        changed.retainedDropMaximum += 0.01
        try FileManager.default.removeItem(at: policy)
        try Data(changed.canonicalBytes()).write(to: policy)
        await expect(.refused) { _ = try await replay("faces@v3") }
    }

    @Test("What came in from outside was not made here; what is erased is refused")
    func refused() async throws {
        try await tiny.forget([1], in: registry)
        await expect(.unsupported) { _ = try await replay("faces@v1") }
        try await tiny.certify(in: registry)
        try await tiny.keepYardstick(in: registry)
        try tiny.purge(in: registry)
        await expect(.refused) { _ = try await replay("faces@v2") }
    }

    @Test("An image of a forgotten class or sample is among them, any other is not")
    func images() async throws {
        let forgotten = TinyDataset.sample("train", 1, 0)
        #expect(try await answer(forgotten).requestCount == 0)
        try await tiny.forget([1], in: registry)
        try await forget(samples: ["train/2/3.txt"])
        for (image, isAmong) in [
            (forgotten, true), (TinyDataset.sample("train", 2, 3), true),
            (TinyDataset.sample("train", 2, 4), false), (forgotten + " ", false),
            (TinyDataset.sample("test", 1, 0), false), ("", false),
        ] {
            let answer = try await answer(image)
            #expect(
                answer == ImageAnswer(isAmong: isAmong, requestCount: 2, comparedCount: 2),
                "\(image)")
        }
    }

    @Test("Without the key nothing is found; without the samples a request by classes stays open")
    func limits() async throws {
        try await tiny.forget([1], in: registry)
        try await forget(samples: ["train/2/3.txt"])
        let other = try CommitmentKey(bytes: [UInt8](repeating: 7, count: 32))
        let image = TinyDataset.sample("train", 2, 3)
        #expect(
            try await answer(image, key: other)
                == ImageAnswer(isAmong: false, requestCount: 2, comparedCount: 0))
        try FileManager.default.removeItem(at: tiny.samples)
        #expect(
            try await answer(image)
                == ImageAnswer(isAmong: true, requestCount: 2, comparedCount: 1))
    }
}
