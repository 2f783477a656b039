import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("GS-LoRA++ and our additions, on a made-up problem")
struct EnginePlusTests {
    private let engine = ForgettingEngine()

    /// Forgets class 2 and gives what the run says and the names in the delta.
    private func forget(
        _ parameters: [String: JSONValue], limits: [Int: Int] = [:]
    ) async throws -> (outcome: RunOutcome, names: [String]) {
        let problem = try TinyProblem(limits: limits)
        try await problem.train()
        let task = try problem.forgetTask(parameters: parameters)
        let outcome = try await engine.forget(task) { _ in }
        return (outcome, try Safetensors.open(task.deltaFile).names)
    }

    @Test("Proximal steps forget with some blocks at exactly zero, which the delta does not name")
    func proximal() async throws {
        let (outcome, names) = try await forget([
            "groupLasso": "proximal", "groupLassoWeight": 20, "stepCount": 200,
            "minimumStepCount": 120,
        ])
        let figures = outcome.selectionFigures
        #expect(outcome.goalReached)
        #expect(figures["forgetAccuracy"] == 0)
        let zero = (0..<3).filter { figures["groupNorm.\($0)"] == 0 }
        #expect(!zero.isEmpty)
        #expect(figures["zeroGroupRatio"] == Double(zero.count) / 3)
        #expect(names.count == 4 * (3 - zero.count))
        for block in zero {
            #expect(names.allSatisfy { !$0.contains("layer.\(block).") }, "\(names)")
        }
    }

    @Test("Attention alone, or with feed-forward, can forget too", arguments: [8, 12])
    func places(tensorsPerBlock: Int) async throws {
        let (outcome, names) = try await forget([
            "adapterPlace": tensorsPerBlock == 8 ? "attention" : "both"
        ])
        #expect(outcome.goalReached)
        #expect(names.count == 3 * tensorsPerBlock)
        #expect(names.count { $0.contains("attention") } == 3 * 8)
    }

    @Test("Blocks below the first adapted one keep their bytes and are computed once")
    func upperBlocks() async throws {
        let (outcome, names) = try await forget(["adaptedBlockCount": 2, "flips": false])
        #expect(outcome.goalReached)
        #expect(outcome.selectionFigures["forgetAccuracy"] == 0)
        #expect(names.count == 2 * 4)
        #expect(names.allSatisfy { !$0.contains("layer.0.") }, "\(names)")
        #expect(outcome.selectionFigures["groupNorm.0"] == nil)
        #expect(outcome.selectionFigures["groupNorm.2", default: 0] > 0)
    }

    @Test("As many blocks as there are, or more, are all blocks")
    func allBlocks() async throws {
        let (_, names) = try await forget(["adaptedBlockCount": 12, "flips": false])
        #expect(names.count == 3 * 4)
    }

    @Test(
        "Where the lower blocks are computed once, images that change are refused",
        arguments: [
            ["adaptedBlockCount": 2, "flips": true],
            ["adaptedBlockCount": 2, "flips": false, "shiftPixels": 1],
        ] as [[String: JSONValue]])
    func changingImages(parameters: [String: JSONValue]) async throws {
        let error = await #expect(throws: LetheError.self) { try await forget(parameters) }
        #expect(error?.code == .invalidArgument)
    }

    @Test("The terms on features take part, and the measured bound is recorded")
    func features() async throws {
        let (plain, _) = try await forget([:])
        let (outcome, _) = try await forget([
            "prototypeForgetWeight": 1, "prototypeRetainWeight": 0.1, "featureForgetWeight": 1,
            "dispersionWeight": 1,
        ])
        #expect(outcome.goalReached)
        #expect(outcome.selectionFigures["prototypeBound", default: 0] > 0)
        #expect(outcome.selectionFigures["forgetGap"] != plain.selectionFigures["forgetGap"])
        #expect(plain.selectionFigures["prototypeBound"] == nil)
    }

    @Test("One, two or four images of the class to forget are enough to run", arguments: [1, 2, 4])
    func fewShots(count: Int) async throws {
        let (outcome, _) = try await forget(
            ["prototypeForgetWeight": 1, "retainSamplesPerClass": 4], limits: [2: count])
        #expect(outcome.stepCount >= 20)
        #expect(outcome.selectionFigures["forgetAccuracy", default: 1] < 1)
        #expect(outcome.selection.contains("their training samples were measured") == (count == 1))
    }

    @Test("Retained classes without any training images are counted and stay alive")
    func withoutData() async throws {
        let problem = try TinyProblem(limits: [0: 0, 4: 0])
        try await problem.train()
        let task = try problem.forgetTask(parameters: [
            "prototypeForgetWeight": 0.1, "featureForgetWeight": 0.1,
        ])
        let outcome = try await engine.forget(task) { _ in }
        #expect(outcome.selectionFigures["retainedClassesWithoutData"] == 2)
        #expect(outcome.selectionFigures["forgetAccuracy"] == 0)
        let accuracies = try mergedTestAccuracies(problem, task)
        #expect(accuracies[2] == 0)
        #expect([1, 3, 5].allSatisfy { accuracies[$0] > 0.8 }, "\(accuracies)")
        #expect([0, 4].allSatisfy { accuracies[$0] > 0.5 }, "\(accuracies)")
    }

    @Test("From two images, the published loss forgets more with prototypes (methods.md 11)")
    func ordering() async throws {
        var accuracies: [Double] = []
        for weight in [0.0, 1] {
            let (outcome, _) = try await forget([
                "suppressionWeight": 0, "mixedShare": 0, "retainDistillationWeight": 0,
                "rampSteps": 1, "forgetSamplesPerClass": 2, "retainSamplesPerClass": 4,
                "forgetWeight": 0.05, "prototypeForgetWeight": .number(weight), "stepCount": 30,
                "minimumStepCount": 30,
            ])
            accuracies.append(outcome.selectionFigures["forgetAccuracy", default: -1])
            #expect(outcome.selectionFigures["retainAccuracy", default: 0] > 0.95)
        }
        #expect(accuracies[0] > accuracies[1] + 0.3, "\(accuracies)")
    }
}
