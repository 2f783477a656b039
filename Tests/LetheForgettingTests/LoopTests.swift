import Foundation
import LetheRecords
import LetheTensor
import Logging
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("The shared loop")
struct LoopTests {
    /// Moves one number towards 3; what its checks say is given.
    private final class Parabola: LossMethod {
        let phase = "testing"
        let parameters: [Tensor]
        var interruptedCheck: Int?
        private let checks: (Int) -> SelectionCheck

        init(checks: @escaping (Int) -> SelectionCheck) throws {
            parameters = [try Tensor([Float(0)]).requiringGradient()]
            self.checks = checks
        }

        func loss(step: Int) throws(LetheError) -> StepLoss {
            StepLoss(total: try (parameters[0] - 3).square().sum(), terms: [])
        }

        func check(step: Int) throws(LetheError) -> SelectionCheck {
            if interruptedCheck == step {
                interruptedCheck = nil
                throw LetheError(code: .interrupted, message: "in the middle of a check")
            }
            return checks(step)
        }

        var value: Float { get throws { try parameters[0].detached().scalar() } }
    }

    private let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
    }

    private func loop(stops: Int? = 2, selection: WeightSelection = .last) throws -> TrainingLoop {
        let schedule = LearningRateSchedule(
            shape: .constant, peak: 0.1, finalFraction: 1, warmUpSteps: 0, totalSteps: 20)
        return TrainingLoop(
            plan: LoopPlan(
                stepCount: 20, schedule: schedule, gradientNormLimit: 0, checkIntervalSteps: 3,
                minimumStepCount: 4, stopsAfterChecks: stops, selection: selection),
            checkpoints: try CheckpointStore(
                folder: folder.url, task: Digest(hashing: [1]),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }),
            progress: { _ in }, cancellation: CancellationFlag())
    }

    private func run(
        _ method: Parabola, stops: Int? = 2, selection: WeightSelection = .last
    ) throws -> LoopState {
        let optimizer = try AdamW(parameters: method.parameters, learningRate: 0.1, weightDecay: 0)
        return try loop(stops: stops, selection: selection).run(method, optimizer)
    }

    private func check(_ step: Int, meetsGoal: Bool) -> SelectionCheck {
        SelectionCheck(
            figures: ["step": Double(step)], score: -abs(Double(step) - 9), meetsGoal: meetsGoal)
    }

    @Test("A run stops only when the goal was met by enough checks in a row")
    func earlyStop() throws {
        // Checks come at 6, 9, 12, 15, 18 (every third step from the fourth on) and at the end.
        let good: Set = [6, 12, 15]
        let state = try run(Parabola { check($0, meetsGoal: good.contains($0)) })
        #expect(state.step == 15)
        #expect(state.goalStreak == 2)
        let never = try run(Parabola { check($0, meetsGoal: false) })
        #expect(never.step == 20)
        #expect(never.figures["step"] == 20)
    }

    @Test("The weights of the best check are delivered where the recipe says so")
    func best() throws {
        let method = try Parabola { check($0, meetsGoal: false) }
        let state = try run(method, stops: nil, selection: .best)
        #expect(state.bestStep == 9)
        #expect(state.figures["step"] == 9)
        let last = try Parabola { check($0, meetsGoal: false) }
        _ = try run(last, stops: nil)
        #expect(try method.value < last.value)
    }

    @Test("A check that was interrupted is made up for, and the run ends as if nothing had been")
    func interruptedCheck() throws {
        let whole = try Parabola { check($0, meetsGoal: $0 >= 12) }
        let expected = try run(whole)
        let first = try Parabola { check($0, meetsGoal: $0 >= 12) }
        first.interruptedCheck = 12
        let error = try #require(throws: LetheError.self) { try run(first) }
        #expect(error.code == .interrupted)
        #expect(error.message.contains("12 of at most 20"))
        let second = try Parabola { check($0, meetsGoal: $0 >= 12) }
        let state = try run(second)
        #expect(state == expected)
        #expect(try second.value == whole.value)
    }
}
