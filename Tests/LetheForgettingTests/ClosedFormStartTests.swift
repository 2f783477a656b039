import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

/// The golden file comes from scripts/golden/closed_form_edit.py.
@Suite("A start in closed form")
struct ClosedFormStartTests {
    private let engine = ForgettingEngine()

    @Test("The edit equals numpy's, by singular values and a linear solver")
    func golden() throws {
        let file = try Safetensors.open(
            Locations.fixtures.appending(path: "forgetting/closed-form-edit.safetensors"))
        let edit = try ClosedFormEdit(
            gradient: file.tensor(named: "gradient"), moments: file.tensor(named: "moments"),
            ridge: 0.1, drop: 3)
        let change = try edit.output.reshaped([7, 1]).matmul(edit.input.reshaped([1, 12]))
        let found = try (change * -edit.step).floats()
        let expected = try file.tensor(named: "change").floats()
        #expect(zip(found, expected).allSatisfy { abs($0 - $1) < 1e-3 }, "\(found)")
    }

    private func forget(
        _ start: String, steps: Int, seed: Int = 5
    ) async throws -> RunOutcome {
        let problem = try TinyProblem()
        try await problem.train()
        let task = try problem.forgetTask(
            seed: seed,
            parameters: [
                "start": .string(start), "stepCount": .number(Double(steps)),
                "minimumStepCount": 1, "checkIntervalSteps": 1, "checksInARow": 1,
                "learningRate": steps == 1 ? 0 : 0.01,
            ])
        return try await engine.forget(task) { _ in }
    }

    @Test("Without any training the class is forgotten and most of the others stay")
    func untrained() async throws {
        let outcome = try await forget("closedForm", steps: 1)
        #expect(outcome.selectionFigures["editedClasses"] == 1)
        #expect(outcome.selectionFigures["forgetAccuracyBefore"] == 1)
        #expect(outcome.selectionFigures["forgetAccuracy", default: 1] <= 0.25)
        #expect(outcome.selectionFigures["retainAccuracy", default: 0] >= 0.8)
    }

    @Test("Training that starts from the edit reaches the goal in no more steps than from chance")
    func refined() async throws {
        let random = try await forget("random", steps: 60)
        let edited = try await forget("closedForm", steps: 60)
        #expect(edited.goalReached && random.goalReached)
        #expect(edited.stepCount <= random.stepCount)
    }
}
