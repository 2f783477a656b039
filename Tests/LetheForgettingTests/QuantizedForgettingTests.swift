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
        let integers = problem.folder.url.appending(path: "int8.safetensors")
        try QuantizedCheckpoint.write(model, to: integers)
        let read = try QuantizedCheckpoint.read(integers)
        for (name, tensor) in read {
            #expect(try Safetensors.open(weights).tensor(named: name).isEqual(to: tensor))
        }
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
