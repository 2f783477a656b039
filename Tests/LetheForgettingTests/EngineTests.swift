import Dispatch
import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import Synchronization
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("The engine, on a made-up problem")
struct EngineTests {
    private let engine = ForgettingEngine()

    @Test(
        "A trained model forgets a class, keeps the others, and the same seed gives the same bytes")
    func forgets() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let task = try problem.forgetTask(parameters: ["monitorsGradients": true])
        let outcome = try await engine.forget(task) { _ in }
        #expect(outcome.goalReached)
        #expect(outcome.stepCount < 60)
        #expect(outcome.selectionFigures["forgetAccuracyBefore"] == 1)
        #expect(outcome.selectionFigures["forgetAccuracy"] == 0)
        #expect(outcome.selectionFigures["retainAccuracy", default: 0] > 0.95)
        #expect(outcome.selectionFigures["gradientCosine"] != nil)
        #expect(outcome.selectionFigures["groupNorm.2", default: 0] > 0)
        #expect(outcome.selection.contains("every 5th"))
        #expect(outcome.parameters["forgetBound"] == 3)
        #expect(outcome.environment.threads == 1)
        #expect(!FileManager.default.fileExists(atPath: checkpoint(task)))

        let again = try problem.forgetTask(to: "again", parameters: ["monitorsGradients": true])
        _ = try await engine.forget(again) { _ in }
        #expect(try digest(of: again.deltaFile) == digest(of: task.deltaFile))
        let other = try problem.forgetTask(to: "other", seed: 6)
        _ = try await engine.forget(other) { _ in }
        #expect(try digest(of: other.deltaFile) != digest(of: task.deltaFile))

        let accuracies = try mergedTestAccuracies(problem, task)
        #expect(accuracies[2] == 0)
        let others = [0, 1, 3, 4, 5].map { accuracies[$0] }
        #expect(others.allSatisfy { $0 > 0.8 }, "\(accuracies)")
    }

    @Test("A second request keeps the first forgotten without its data")
    func second() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let first = try problem.forgetTask([2])
        _ = try await engine.forget(first) { _ in }
        try merge(first)
        let second = try problem.forgetTask([4], earlier: [[2]], to: "second")
        let outcome = try await engine.forget(second) { _ in }
        #expect(outcome.goalReached)
        let accuracies = try mergedTestAccuracies(problem, second)
        #expect(accuracies[2] == 0 && accuracies[4] == 0)
        #expect([0, 1, 3, 5].allSatisfy { accuracies[$0] > 0.8 }, "\(accuracies)")
    }

    @Test("An interrupted run says how to go on, and going on gives the uninterrupted bytes")
    func resumes() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let whole = try problem.forgetTask(to: "whole")
        let expected = try await engine.forget(whole) { _ in }
        let task = try problem.forgetTask(to: "parts")
        for stop in [3, 17] {
            let error = try await interrupt(after: stop) { progress throws(LetheError) in
                try await engine.forget(task, progress: progress)
            }
            #expect(error.code == .interrupted)
            #expect(try #require(error.remedy).contains("same command again"))
            #expect(FileManager.default.fileExists(atPath: checkpoint(task)))
        }
        let firstStep = Mutex<Int?>(nil)
        let outcome = try await engine.forget(task) { progress in
            guard progress.phase == "forgetting" else { return }
            firstStep.withLock { $0 = $0 ?? progress.done }
        }
        #expect(firstStep.withLock { $0 ?? 0 } >= 17)
        #expect(outcome.selectionFigures == expected.selectionFigures)
        #expect(try digest(of: task.deltaFile) == digest(of: whole.deltaFile))
    }

    @Test("A checkpoint of another task, or a damaged one, is ignored")
    func foreignCheckpoint() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let whole = try problem.forgetTask(to: "whole")
        _ = try await engine.forget(whole) { _ in }
        let other = try problem.forgetTask(to: "shared", seed: 6)
        _ = try await interrupt(after: 2) { progress throws(LetheError) in
            try await engine.forget(other, progress: progress)
        }
        let task = try problem.forgetTask(to: "shared")
        _ = try await engine.forget(task) { _ in }
        #expect(try digest(of: task.deltaFile) == digest(of: whole.deltaFile))

        try Data("not safetensors".utf8).write(to: URL(fileURLWithPath: checkpoint(task)))
        _ = try await engine.forget(task) { _ in }
        #expect(try digest(of: task.deltaFile) == digest(of: whole.deltaFile))
    }

    @Test("Training resumes to the uninterrupted bytes, with the best weights kept")
    func trainingResumes() async throws {
        let problem = try TinyProblem()
        let whole = problem.trainTask(epochs: 4, to: "whole", parameters: ["selection": "best"])
        let expected = try await engine.train(whole) { _ in }
        let task = problem.trainTask(epochs: 4, to: "parts", parameters: ["selection": "best"])
        _ = try await interrupt(after: 13) { progress throws(LetheError) in
            try await engine.train(task, progress: progress)
        }
        let outcome = try await engine.train(task) { _ in }
        #expect(outcome.selectionFigures == expected.selectionFigures)
        #expect(try digest(of: task.weightsFile) == digest(of: whole.weightsFile))
    }

    @Test("Excluded classes are not learned")
    func retrain() async throws {
        let problem = try TinyProblem()
        let task = problem.trainTask(excluded: [1])
        _ = try await engine.train(task) { _ in }
        try FileManager.default.moveItem(
            at: task.weightsFile, to: problem.model.appending(path: "model.safetensors"))
        let accuracies = try testAccuracies(problem)
        #expect(accuracies[1] == 0)
        #expect([0, 2, 3, 4, 5].allSatisfy { accuracies[$0] > 0.8 })
    }

    @Test("Training the last blocks leaves what lies below as it was, bit for bit, and learns")
    func upperBlocks() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        var task = problem.trainTask(
            epochs: 2, parameters: ["trainedBlockCount": 1, "learningRate": 0.001])
        let start = try Safetensors.open(problem.model.appending(path: "model.safetensors"))
        _ = try await engine.train(task) { _ in }
        let end = try Safetensors.open(task.weightsFile)
        let moved = try Set(
            start.header.entries.map(\.name).filter {
                try start.tensor(named: $0).floats() != end.tensor(named: $0).floats()
            })
        let isUpper: (String) -> Bool = {
            $0.contains("layer.2.") || $0.contains("vit.layernorm") || $0.contains("classifier")
        }
        #expect(!moved.isEmpty && moved.allSatisfy(isUpper), "\(moved.sorted())")
        task.recipe.parameters = ["trainedBlockCount": 1, "flips": true]
        await #expect(throws: LetheError.self) { try await engine.train(task) { _ in } }
    }

    // MARK: - Helpers

    private func checkpoint(_ task: ForgetTask) -> String {
        task.checkpointFolder.appending(path: "checkpoint.safetensors").path
    }
}
