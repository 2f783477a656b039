import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Methods that change weights as they are")
struct WeightMethodTests {
    private let engine = ForgettingEngine()

    private func run(
        _ method: String, _ parameters: [String: JSONValue] = [:]
    ) async throws -> [String: Double] {
        let problem = try TinyProblem()
        try await problem.train()
        let task = try problem.weightTask(method, parameters)
        let outcome = try await engine.forget(task) { _ in }
        #expect(outcome.product == .weights)
        let before = try Data(contentsOf: problem.model.appending(path: "model.safetensors"))
        let after = try Data(contentsOf: task.weightsFile)
        #expect(before.count == after.count && before != after)
        return outcome.selectionFigures
    }

    @Test(
        "A class is forgotten and the others stay",
        arguments: [
            ("random-label", ["learningRate": 0.02, "epochCount": 12]),
            ("salun", ["learningRate": 0.02, "epochCount": 12]),
            ("negative-gradient", ["forgetWeight": 0.5, "forgetBound": 6, "epochCount": 12]),
            ("scrub", ["learningRate": 0.002, "epochCount": 8]),
            ("lur", ["learningRate": 0.02, "epochCount": 12, "innerRate": 0.02]),
        ] as [(String, [String: JSONValue])])
    func forgets(method: String, parameters: [String: JSONValue]) async throws {
        let figures = try await run(method, parameters)
        #expect(figures["forgetAccuracyBefore"] == 1)
        #expect(figures["forgetAccuracy", default: 1] <= 0.25, "\(figures)")
        #expect(figures["retainAccuracy", default: 0] >= 0.9, "\(figures)")
    }

    @Test("LUR and Q-MUL say how the gradients pulled, step by step", arguments: ["lur", "q-mul"])
    func watched(method: String) async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let task = try problem.weightTask(method, ["learningRate": 0.02, "epochCount": 4])
        let outcome = try await engine.forget(task) { _ in }
        let looks = outcome.gradients
        #expect(looks.first?.step == 1 && looks.count > 1, "\(looks.count) looks")
        #expect(looks.count <= GradientTrail.mostLooks)
        #expect(looks.allSatisfy { $0.forgetNorm > 0 && $0.retainNorm > 0 })
        #expect(looks.allSatisfy { (-1.001...1.001).contains($0.cosine) })
        #expect(try await run("fine-tune", ["epochCount": 1])["gradientCosine"] == nil)
    }

    @Test(
        "Steps at once move the weights and say what they did",
        arguments: [
            ("ssd", ["threshold": 3], "dampenedShare"),
            ("influence", ["sampleCount": 20], "stepNorm"),
            ("fisher-forgetting", ["alpha": 1e-7], "retainAccuracy"),
        ] as [(String, [String: JSONValue], String)])
    func atOnce(method: String, parameters: [String: JSONValue], figure: String) async throws {
        let figures = try await run(method, parameters)
        #expect(figures[figure, default: 0] > 0, "\(figures)")
        #expect(figures["retainAccuracy", default: 0] >= 0.8, "\(figures)")
    }

    @Test("Gradient ascent lowers the forget accuracy; fine-tuning alone keeps the retained")
    func baselines() async throws {
        let ascent = try await run("gradient-ascent", ["learningRate": 0.02, "epochCount": 10])
        #expect(ascent["forgetAccuracy", default: 1] < 0.5, "\(ascent)")
        let fineTuned = try await run("fine-tune", ["epochCount": 3])
        #expect(fineTuned["retainAccuracy", default: 0] >= 0.95, "\(fineTuned)")
    }

    @Test("Retrain starts from random weights and never sees the class")
    func retrain() async throws {
        let figures = try await run(
            "retrain",
            ["optimizer": "adamw", "learningRate": 0.003, "epochCount": 20, "weightDecay": 0])
        #expect(figures["forgetAccuracy"] == 0)
        #expect(figures["retainAccuracy", default: 0] >= 0.9, "\(figures)")
    }

    @Test("The l1 penalty makes weights smaller than fine-tuning at the same learning rate does")
    func l1Shrinks() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let plain = try problem.weightTask("fine-tune", ["epochCount": 3])
        let sparse = try problem.weightTask("l1-sparse", ["epochCount": 3, "l1Weight": 0.03])
        _ = try await engine.forget(plain) { _ in }
        _ = try await engine.forget(sparse) { _ in }
        #expect(try sum(sparse.weightsFile) < 0.9 * sum(plain.weightsFile))
    }

    private func sum(_ url: URL) throws -> Double {
        let file = try Safetensors.open(url)
        return try file.header.entries.reduce(0) { sum, entry in
            sum + Double(try file.tensor(named: entry.name).absolute().sum().scalar())
        }
    }

    @Test("Zeros of a pruned model stay exactly zero through momentum and weight decay")
    func zerosStay() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let model = problem.model.appending(path: "model.safetensors")
        let zeros = try prune(model)
        let task = try problem.weightTask(
            "random-label", ["epochCount": 2, "keepsZeros": true, "weightDecay": 0.01])
        _ = try await engine.forget(task) { _ in }
        let file = try Safetensors.open(task.weightsFile)
        for (name, isZero) in zeros {
            let values = try file.tensor(named: name).floats()
            #expect(zip(values, isZero).allSatisfy { !$1 || $0 == 0 }, "\(name)")
        }
        let free = try problem.weightTask("random-label", to: "free", ["epochCount": 2])
        _ = try await engine.forget(free) { _ in }
        let name = try #require(zeros.keys.sorted().first)
        let values = try Safetensors.open(free.weightsFile).tensor(named: name).floats()
        #expect(zip(values, zeros[name] ?? []).contains { $1 && $0 != 0 })
    }

    /// Sets half of every matrix to zero and writes the file again.
    private func prune(_ url: URL) throws -> [String: [Bool]] {
        let file = try Safetensors.open(url)
        var tensors: [(String, Tensor)] = []
        var zeros: [String: [Bool]] = [:]
        for entry in file.header.entries {
            let tensor = try file.tensor(named: entry.name)
            guard tensor.rank == 2 else {
                tensors.append((entry.name, tensor))
                continue
            }
            let values = try tensor.floats()
            let median = values.map(abs).sorted()[values.count / 2]
            zeros[entry.name] = values.map { abs($0) < median }
            tensors.append(
                (
                    entry.name,
                    try Tensor(values.map { abs($0) < median ? 0 : $0 }, shape: tensor.shape)
                ))
        }
        try Safetensors.write(tensors, metadata: ["format": "pt"], to: url)
        return zeros
    }

    @Test("An interrupted run goes on to the uninterrupted bytes, momentum and all")
    func resumes() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let parameters: [String: JSONValue] = ["epochCount": 4, "learningRate": 0.02]
        let whole = try problem.weightTask("lur", to: "whole", parameters)
        _ = try await engine.forget(whole) { _ in }
        let task = try problem.weightTask("lur", to: "parts", parameters)
        let error = try await interrupt(after: 7) { progress throws(LetheError) in
            try await engine.forget(task, progress: progress)
        }
        #expect(error.code == .interrupted)
        _ = try await engine.forget(task) { _ in }
        #expect(try digest(of: task.weightsFile) == digest(of: whole.weightsFile))
    }

    @Test("A loss that explodes stops the run, naming the step, its samples and what to try")
    func notFinite() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let task = try problem.weightTask("negative-gradient", ["learningRate": 100])
        let error = try await #require(throws: LetheError.self) {
            try await engine.forget(task) { _ in }
        }
        #expect(error.code == .numerical)
        #expect(
            error.message.contains("retained train ") && error.message.contains("to forget train "))
        #expect(error.remedy?.contains("learningRate") == true)
    }

    @Test("A method that does not exist, and a value that it does not know, are refused by name")
    func refusals() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        for (method, parameters, words) in [
            ("salum", [:], "salun"), ("fine-tune", ["l1Weight": 1], "l1Weight"),
            ("lur", ["level": "second"], "plainSum"),
        ] as [(String, [String: JSONValue], String)] {
            let task = try problem.weightTask(method, parameters)
            let error = await #expect(throws: LetheError.self) {
                try await engine.forget(task) { _ in }
            }
            let text = "\(error?.message ?? "") \(error?.remedy ?? "")"
            #expect(error?.code == .invalidArgument && text.contains(words), "\(text)")
        }
    }
}
