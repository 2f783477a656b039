import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Forgetting in a model of few bits")
struct QuantizedForgettingTests {
    private let engine = ForgettingEngine()

    private func problem() async throws -> TinyProblem {
        let problem = try TinyProblem()
        try await problem.train()
        return problem
    }

    @Test(
        "A class is forgotten at four bits, and what is delivered is on the grid",
        arguments: ["q-mul", "random-label"])
    func forgets(method: String) async throws {
        let problem = try await problem()
        let task = try problem.weightTask(
            method,
            ["weightBits": 4, "activationBits": 4, "learningRate": 0.02, "epochCount": 8])
        let figures = try await engine.forget(task) { _ in }.selectionFigures
        #expect(figures["forgetAccuracy", default: 1] <= 0.25, "\(figures)")
        #expect(figures["retainAccuracy", default: 0] >= 0.8, "\(figures)")
        try expectOnGrid(problem, task.weightsFile)
    }

    /// Quantising delivered weights again must not change a bit of them.
    private func expectOnGrid(_ problem: TinyProblem, _ weights: URL) throws {
        let file = problem.model.appending(path: "model.safetensors")
        try Data(contentsOf: weights).write(to: file)
        let model = try ClassifierLoading.load(folder: problem.model)
        let before = try model.weights.map { try $0.tensor.copied() }
        let quantization = try ModelQuantization(model, weightBits: 4, activationBits: 0)
        try quantization.settle()
        for (weight, old) in zip(model.weights, before) {
            #expect(try weight.tensor.isEqual(to: old), "\(weight.name)")
        }
        let middle = try #require(quantization.layers.dropFirst().first)
        #expect(Set(try middle.weight.selected(dimension: 0, index: 0).floats()).count <= 15)
        let stored = try Safetensors.open(weights)
        #expect(try stored.tensor(named: middle.name + ".weight").type == .int8)
        #expect(stored.contains(middle.name + ".input_range"))
    }

    @Test("An interrupted run goes on to the uninterrupted bytes, ranges of inputs and all")
    func resumes() async throws {
        let problem = try await problem()
        let parameters: [String: JSONValue] = [
            "epochCount": 2, "learningRate": 0.02, "weightBits": 4, "activationBits": 4,
        ]
        let whole = try problem.weightTask("q-mul", to: "whole", parameters)
        _ = try await engine.forget(whole) { _ in }
        let task = try problem.weightTask("q-mul", to: "parts", parameters)
        let error = try await interrupt(after: 7) { progress throws(LetheError) in
            try await engine.forget(task, progress: progress)
        }
        #expect(error.code == .interrupted)
        _ = try await engine.forget(task) { _ in }
        #expect(try digest(of: task.weightsFile) == digest(of: whole.weightsFile))
    }

    @Test("A parent that learnt with four bits stays at four bits, and takes no delta")
    func parents() async throws {
        let problem = try TinyProblem()
        let training = problem.trainTask(parameters: ["weightBits": 4, "activationBits": 4])
        let accuracy = try await engine.train(training) { _ in }.selectionFigures["accuracy"]
        #expect(accuracy ?? 0 >= 0.8)
        try Data(contentsOf: training.weightsFile)
            .write(to: problem.model.appending(path: "model.safetensors"))
        let delta = await #expect(throws: LetheError.self) {
            try await engine.forget(problem.forgetTask()) { _ in }
        }
        #expect(delta?.code == .unsupported)
        let task = try problem.weightTask("q-mul", ["learningRate": 0.02, "epochCount": 8])
        let figures = try await engine.forget(task) { _ in }.selectionFigures
        #expect(figures["weightBits"] == 4 && figures["activationBits"] == 4)
        #expect(figures["forgetAccuracy", default: 1] <= 0.25, "\(figures)")
        let metadata = try Safetensors.open(task.weightsFile).header.metadata
        #expect(metadata["lethe.weight_bits"] == "4")
    }

    @Test("Retrain starts anew from the configuration of a parent that is stored as integers")
    func retrains() async throws {
        let problem = try TinyProblem()
        let training = problem.trainTask(epochs: 1, parameters: ["weightBits": 4])
        _ = try await engine.train(training) { _ in }
        try Data(contentsOf: training.weightsFile)
            .write(to: problem.model.appending(path: "model.safetensors"))
        let task = try problem.weightTask(
            "retrain",
            ["optimizer": "adamw", "learningRate": 0.003, "epochCount": 20, "weightDecay": 0])
        let figures = try await engine.forget(task) { _ in }.selectionFigures
        #expect(figures["forgetAccuracy"] == 0 && figures["weightBits"] == 4)
        #expect(figures["retainAccuracy", default: 0] >= 0.8, "\(figures)")
    }

    @Test("One bit is refused, and says what is possible")
    func refusal() async throws {
        let problem = try await problem()
        let task = try problem.weightTask("q-mul", ["weightBits": 1])
        let error = await #expect(throws: LetheError.self) {
            try await engine.forget(task) { _ in }
        }
        #expect(error?.code == .invalidArgument)
    }
}
