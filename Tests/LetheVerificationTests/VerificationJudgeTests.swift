import Foundation
import LetheRecords
import Synchronization
import TestSupport
import Testing

@testable import LetheReports
@testable import LetheVerification

@Suite("The judge, end to end on tiny models")
struct VerificationJudgeTests {
    private typealias Fixtures = JudgingFixtures

    /// A policy for a test split of sixty pictures.
    private static let policy = Policy(
        name: "tiny", description: "For tests.", errorBudget: 0.05,
        forgottenMarginAboveChance: 0.25, forgottenSampleMinimum: 10,
        retainedDropMaximum: 0.02, retainedDropUpperBoundMaximum: 0.2,
        worstClassDropMaximum: 0.1, worstClassSampleMinimum: 10)

    /// The first version always answers 0, the judged one always 1; class 0 is to be forgotten.
    private func task(
        _ models: TinyModels, testCounts: [Int] = [20, 15, 12, 13]
    ) throws -> JudgeTask {
        let original = try models.model("original", answer: 0, classCount: testCounts.count)
        let judged = try models.model("judged", answer: 1, classCount: testCounts.count)
        return JudgeTask(
            modelFolder: judged.url, originalFolder: original.url, weights: judged.weights,
            original: original.weights,
            dataset: DatasetLocation(
                url: try models.pictures("pictures", testCounts: testCounts), format: "idx"),
            datasetReference: Fixtures.dataset, split: "test",
            requests: [try Fixtures.request([0])], policy: Self.policy, sequenceNumber: 1,
            place: RunPlace(threads: 1))
    }

    private func error(_ task: JudgeTask) async -> LetheError? {
        do throws(LetheError) {
            _ = try await VerificationJudge().judge(task) { _ in }
            return nil
        } catch {
            return error
        }
    }

    @Test("Measures both models on every test sample")
    func measures() async throws {
        let models = try TinyModels()
        let task = try task(models)
        let seen = Mutex<[LetheRecords.Progress]>([])
        let report = try await VerificationJudge(batchSize: 7).judge(task) { progress in
            seen.withLock { $0.append(progress) }
        }
        #expect(report.weights == task.weights)
        #expect(report.original == task.original)
        #expect(report.classes.map(\.sampleCount) == [20, 15, 12, 13])
        #expect(report.classes.map(\.correctCount) == [0, 15, 0, 0])
        #expect(report.classes.map(\.originalCorrectCount) == [20, 0, 0, 0])
        #expect(report.retained.gainedCount == 15)
        #expect(report.retained.lostCount == 0)
        #expect(report.forgotten.map(\.accuracy) == [0])
        #expect(report.passed, "\(report.failures)")
        #expect(report.environment.threads == 1)
        #expect(report.environment.device == "cpu")
        #expect(report.environment.libTorch.hasPrefix("2."))
        let done = seen.withLock { $0.map(\.done) }
        #expect(done.last == 120)
        #expect(seen.withLock { $0.allSatisfy { $0.total == 120 } })
        #expect(done == done.sorted())
        try ReportCheck.require(
            report, requests: task.requests, policy: task.policy, sequenceNumber: 1)
    }

    @Test("A failed gate is a result, not an error")
    func failedGate() async throws {
        let models = try TinyModels()
        var task = try task(models)
        swap(&task.modelFolder, &task.originalFolder)
        swap(&task.weights, &task.original)
        let report = try await VerificationJudge().judge(task) { _ in }
        #expect(!report.passed)
        #expect(report.failures.contains("forgotten-accuracy \(task.requests[0].id)"))
        #expect(report.failures.contains("worst-class-drop class 1"))
    }

    @Test("A class without a test sample fails its gate")
    func classWithoutSamples() async throws {
        let models = try TinyModels()
        let report = try await VerificationJudge()
            .judge(try task(models, testCounts: [0, 15, 12, 13])) { _ in }
        #expect(report.failures.contains("forgotten-class-samples \(report.forgotten[0].request)"))
        #expect(!report.passed)
    }

    @Test("Weights that are not the ones to judge are refused")
    func otherWeights() async throws {
        let models = try TinyModels()
        var task = try task(models)
        task.weights = Digest(hashing: [1, 2, 3])
        #expect(await error(task)?.code == .integrity)
        task = try self.task(models)
        task.original = Digest(hashing: [1, 2, 3])
        #expect(await error(task)?.code == .integrity)
        try FileManager.default.removeItem(
            at: task.modelFolder.appending(path: "model.safetensors"))
        task = try self.task(models)
        try FileManager.default.removeItem(
            at: task.originalFolder.appending(path: "model.safetensors"))
        #expect(await error(task)?.code == .notFound)
    }

    @Test("A split that is not there is refused, naming those that are")
    func missingSplit() async throws {
        let models = try TinyModels()
        var task = try task(models)
        task.split = "validation"
        let refusal = await error(task)
        #expect(refusal?.code == .notFound)
        #expect(refusal?.message.contains("test, train") == true)
    }

    @Test("A form of data that Lethe does not know is refused, naming those that it knows")
    func unknownFormat() async throws {
        let models = try TinyModels()
        var task = try task(models)
        task.dataset.format = "parquet"
        let refusal = await error(task)
        #expect(refusal?.code == .invalidArgument)
        #expect(refusal?.remedy?.contains("cifar100") == true)
    }

    @Test("Data and head that count different classes are refused")
    func labelMismatch() async throws {
        let models = try TinyModels()
        var task = try task(models)
        task.dataset.url = try models.pictures("fewer", testCounts: [20, 20, 20])
        let refusal = await error(task)
        #expect(refusal?.code == .labelMismatch)
        #expect(refusal?.message.contains("3 classes") == true)
        #expect(refusal?.message.contains("has 4") == true)
        task = try self.task(models)
        task.requests = [try Fixtures.request([4])]
        #expect(await error(task)?.code == .labelMismatch)
    }

    @Test("Pictures that do not decode are named and counted")
    func damagedPictures() async throws {
        let models = try TinyModels()
        var task = try task(models)
        let folder = models.folder.url.appending(path: "damaged")
        for name in ["a", "b", "c", "d"] {
            let place = folder.appending(path: "test/\(name)")
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            try Data("no picture".utf8).write(to: place.appending(path: "\(name)1.png"))
        }
        task.dataset = DatasetLocation(url: folder, format: "folder")
        let refusal = await error(task)
        #expect(refusal?.code == .malformed)
        #expect(refusal?.message.contains("4 of 4") == true)
        #expect(refusal?.message.contains("c1.png") == true)
    }

    @Test("Judging stops when its task is cancelled")
    func cancellation() async throws {
        let models = try TinyModels()
        let task = try task(models)
        let running = Task {
            while !Task.isCancelled { await Task.yield() }
            return await error(task)?.code
        }
        running.cancel()
        #expect(await running.value == .interrupted)
    }
}
