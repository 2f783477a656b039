import Foundation
import LetheRecords
import LetheVision
import Synchronization
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Forgetting samples one by one")
struct SampleRequestTests {
    private let engine = ForgettingEngine()
    private let key: CommitmentKey

    init() throws {
        key = try CommitmentKey(bytes: [UInt8](repeating: 7, count: 32))
    }

    private func locate(
        _ names: [String], in problem: TinyProblem
    ) async throws(LetheError) -> LocatedSamples {
        try await engine.locate(names, in: problem.dataset, key: key) { _ in }
    }

    /// A request for some training samples, honoured by a method.
    private func task(
        _ names: [String], _ method: String, in problem: TinyProblem,
        _ parameters: [String: JSONValue] = [:]
    ) async throws -> ForgetTask {
        let located = try await locate(names, in: problem)
        let list = try SampleList(
            commitmentKey: key.identifier, commitments: located.named.map(\.commitment))
        var task = try problem.weightTask(method, parameters)
        task.request = try ForgetRequest(
            model: "tiny", received: Timestamp(secondsSince1970: 0), classes: [],
            dataset: task.request.dataset, sampleCount: names.count, commitment: list.root,
            reference: nil, samples: list.selection())
        task.commitments = SampleCommitments(key: key, requested: list.commitments)
        return task
    }

    private func refusal(
        _ names: [String], in problem: TinyProblem
    ) async -> LetheError? {
        do throws(LetheError) {
            _ = try await locate(names, in: problem)
            return nil
        } catch {
            return error
        }
    }

    @Test("Samples are found by split and index, with their labels and commitments")
    func located() async throws {
        let problem = try TinyProblem()
        let found = try await locate(["train:7", "train/0"], in: problem)
        #expect(found.named.map(\.index) == [7, 0])
        #expect(found.named.map(\.label) == [1, 0])
        #expect(found.training.commitments.joined().contains(found.named[0].commitment))
        let described = try await engine.describe(dataset: problem.dataset, key: key) { _ in }
        #expect(described.splits.contains(found.training))
    }

    @Test("A line that is wrong is refused by its number")
    func wrongLines() async throws {
        let problem = try TinyProblem()
        for (names, code, words) in [
            (["train:1", "somebody.jpg"], ErrorCode.notFound, "Line 2 names no sample"),
            (["train:1000000"], .notFound, "Line 1 names no sample"),
            (["train:-1"], .notFound, "Line 1"), (["train:+1"], .notFound, "Line 1"),
            (["train:99999999999999999999"], .notFound, "Line 1"),
            (["train:"], .notFound, "Line 1"),
            (["valid:1"], .notFound, "Line 1"), (["\u{0}"], .notFound, "Line 1"),
            (["train:3", "test:2"], .invalidArgument, "Line 2 names a sample of the split test"),
            (["train:3", "train:4", "train/3"], .invalidArgument, "line 1 named"),
            ([], .invalidArgument, "no sample"),
        ] {
            let error = await refusal(names, in: problem)
            #expect(error?.code == code, "\(names)")
            #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
        }
    }

    @Test("Named samples and those of earlier requests are in no retained pool")
    func pools() throws {
        let problem = try TinyProblem()
        let dataset = try problem.dataset.open()
        let setting = try RunSetting(
            problem.place, progress: { _ in }, cancellation: CancellationFlag(),
            logger: engine.logger)
        let digests = try SampleCommitting(
            dataset: dataset, key: key, progress: { _ in }, cancellation: CancellationFlag()
        ).training().digests
        let named = try ForgottenSamples(
            SampleCommitments(key: key, requested: [digests[3]], forgotten: [digests[9]]),
            in: dataset, setting: setting)
        #expect(named.requested == [3] && named.earlier == [9])
        let split = try SelectionSplit(
            dataset, excluding: [], without: named.all, interval: 5)
        let indices = [split.training, split.validation].flatMap(\.values).joined().map(\.index)
        #expect(!indices.contains(3) && !indices.contains(9))
        #expect(indices.count == digests.count - 2)
    }

    @Test(
        "Each method for samples forgets some and keeps their classes",
        arguments: [
            ("random-label", ["learningRate": 0.01, "epochCount": 8]),
            ("salun", ["learningRate": 0.01, "epochCount": 8]),
            ("q-mul", ["learningRate": 0.01, "epochCount": 4]),
        ] as [(String, [String: JSONValue])])
    func forgets(method: String, parameters: [String: JSONValue]) async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let names = (0..<6).map { "train:\($0)" }
        let phases = Mutex<[String: Int]>([:])
        let outcome = try await engine.forget(
            task(names, method, in: problem, parameters)
        ) { progress in
            phases.withLock { $0[progress.phase] = progress.total }
        }
        #expect(phases.withLock { $0["reading images to forget"] } == 6)
        #expect(outcome.selection.contains("one by one"))
        let figures = outcome.selectionFigures
        #expect(figures["forgetAccuracyBefore"] == 1)
        #expect(figures["forgetAccuracy", default: 1] < 1, "\(figures)")
        #expect(figures["retainAccuracy", default: 0] >= 0.85, "\(figures)")
    }

    @Test("A method that forgets whole classes refuses samples and names those that can")
    func methodsThatCannot() async throws {
        let problem = try TinyProblem()
        for method in ["gs-lora", "prune"] {
            var task = try await task(["train:0"], "fine-tune", in: problem)
            task.recipe = Recipe(
                name: "tiny", method: method, description: "", parameters: .object([:]))
            let running = task
            let error = await refusalOf(running)
            #expect(error?.code == .unsupported, "\(method)")
            #expect(error?.remedy?.contains("salun") == true, "\(error?.remedy ?? "")")
        }
    }

    @Test("Samples that changed since the request are refused, for samples and for classes")
    func changedSamples() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        var task = try await task(["train:0", "train:1"], "fine-tune", in: problem)
        let other = key.commitment(toSample: [1])
        task.commitments?.requested.append(other)
        #expect(await refusalOf(task)?.code == .integrity)
        var byClass = try problem.weightTask("fine-tune")
        byClass.commitments = SampleCommitments(key: key)
        let error = await refusalOf(byClass)
        #expect(error?.code == .integrity)
        #expect(error?.message.contains("class 2") == true)
    }

    private func refusalOf(_ task: ForgetTask) async -> LetheError? {
        do throws(LetheError) {
            _ = try await engine.forget(task) { _ in }
            return nil
        } catch {
            return error
        }
    }
}
