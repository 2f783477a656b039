import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Q-MUL: similar labels and balanced gradients (methods.md sections 4 and 11)")
struct QMULTests {
    private let engine = ForgettingEngine()

    private func similar(
        _ probabilities: [Float], label: Int = 0, excluding: Set<Int> = []
    ) throws -> Int64 {
        try SimilarLabels.choose(
            for: [label],
            probabilities: Tensor(probabilities, shape: [1, probabilities.count]),
            excluding: excluding)[0]
    }

    @Test("A similar label is the runner-up, or what is nearest to a label the parent missed")
    func similarLabels() throws {
        #expect(try similar([0.7, 0.2, 0.1]) == 1)
        #expect(try similar([0.1, 0.6, 0.3]) == 2)
        #expect(try similar([0.5, 0.25, 0.25]) == 1, "of equal ones the lowest")
        #expect(try similar([0.7, 0.2, 0.1], excluding: [0, 1]) == 2)
        let error = #expect(throws: LetheError.self) {
            try similar([0.7, 0.3], excluding: [0, 1])
        }
        #expect(error?.code == .invalidArgument)
    }

    @Test("Norms 3 and 1 give the weights 0.5 and 1.5; later ones are averaged, then cut off")
    func equalNorm() {
        var average: Double?
        let first = GradientWeighting.equalNorm.weights(
            forgetNorm: 3, retainNorm: 1, average: &average)
        #expect(first == (0.5, 1.5))
        let second = GradientWeighting.equalNorm.weights(
            forgetNorm: 1, retainNorm: 3, average: &average)
        #expect(abs(second.forget - 0.6) < 1e-12 && abs(second.retain - 1.4) < 1e-12)
        average = nil
        let cut = GradientWeighting.equalNorm.weights(
            forgetNorm: 99, retainNorm: 1, average: &average)
        #expect(cut.forget == 0.1 && cut.retain == 1.9)
    }

    @Test("A cap shortens only a forget gradient that is the longer one")
    func capForget() {
        var average: Double?
        let weighting = GradientWeighting.capForget
        #expect(weighting.weights(forgetNorm: 4, retainNorm: 1, average: &average) == (0.25, 1))
        #expect(weighting.weights(forgetNorm: 1, retainNorm: 4, average: &average) == (1, 1))
        #expect(average == nil)
    }

    @Test("The projection takes away what lies along the retain gradient")
    func projection() throws {
        let forget = try GradientVector([Tensor([Float(1), 1])])
        let retain = try GradientVector([Tensor([Float(1), 0])])
        let result = try GradientWeighting.projected(forget, awayFrom: retain)
        #expect(try result.parts[0].floats() == [0, 1])
        let zero = try GradientVector([Tensor(zeros: [2])])
        let same = try GradientWeighting.projected(forget, awayFrom: zero)
        #expect(try same.parts[0].floats() == [1, 1])
    }

    @Test(
        "A class is forgotten and the others stay, under every policy",
        arguments: [
            ("similar", "equalNorm", 0.02), ("wrong", "equalNorm", 0.02), ("similar", "none", 0.02),
            ("similar", "capForget", 0.02), ("similar", "projection", 0.005),
        ])
    func forgets(labels: String, weighting: String, learningRate: Double) async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let task = try problem.weightTask(
            "q-mul",
            [
                "labels": .string(labels), "weighting": .string(weighting),
                "learningRate": .number(learningRate), "epochCount": 8,
            ])
        let figures = try await engine.forget(task) { _ in }.selectionFigures
        #expect(figures["forgetAccuracyBefore"] == 1)
        #expect(figures["forgetAccuracy", default: 1] <= 0.25, "\(figures)")
        #expect(figures["retainAccuracy", default: 0] >= 0.9, "\(figures)")
        #expect(abs(figures["meanGradientCosine", default: 2]) <= 1)
        #expect((0...1).contains(figures["conflictingSteps", default: 2]))
    }

    @Test("An interrupted run goes on to the uninterrupted bytes and figures, averages and all")
    func resumes() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let parameters: [String: JSONValue] = ["epochCount": 3, "learningRate": 0.02]
        let whole = try problem.weightTask("q-mul", to: "whole", parameters)
        let expected = try await engine.forget(whole) { _ in }
        let task = try problem.weightTask("q-mul", to: "parts", parameters)
        let error = try await interrupt(after: 7) { progress throws(LetheError) in
            try await engine.forget(task, progress: progress)
        }
        #expect(error.code == .interrupted)
        let found = try await engine.forget(task) { _ in }
        #expect(try digest(of: task.weightsFile) == digest(of: whole.weightsFile))
        #expect(found.selectionFigures == expected.selectionFigures)
    }
}
