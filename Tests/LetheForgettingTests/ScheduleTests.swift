import Foundation
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Learning rate schedules")
struct ScheduleTests {
    /// Made by scripts/golden/forgetting_schedules.py from torch's own schedulers.
    private struct Golden: Decodable {
        let cosine: [Double]
        let oneCycle: [Double]

        static func read() throws -> Golden {
            let url = Locations.fixtures.appending(path: "forgetting/schedules.json")
            return try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
        }
    }

    @Test("The cosine equals torch's CosineAnnealingLR")
    func cosine() throws {
        let golden = try Golden.read().cosine
        let schedule = LearningRateSchedule(
            shape: .cosine, peak: 0.01, finalFraction: 1e-3, warmUpSteps: 0, totalSteps: 100)
        for (step, rate) in golden.enumerated() {
            #expect(abs(schedule.rate(step: step) - rate) < 1e-12)
        }
    }

    @Test("One cycle equals torch's OneCycleLR")
    func oneCycle() throws {
        let golden = try Golden.read().oneCycle
        let schedule = LearningRateSchedule(
            shape: .oneCycle, peak: 0.003, finalFraction: 0, warmUpSteps: 60, totalSteps: 200)
        for (step, rate) in golden.enumerated() {
            #expect(abs(schedule.rate(step: step) - rate) < 1e-12)
        }
    }

    @Test("The values of the released code hold (methods.md section 11)")
    func published() {
        let schedule = LearningRateSchedule(
            shape: .cosine, peak: 0.01, finalFraction: 1e-3, warmUpSteps: 0, totalSteps: 100)
        let expected = [0: 0.01, 25: 0.0085370, 50: 0.005005, 75: 0.0014730, 99: 0.0000124647]
        for (epoch, rate) in expected {
            #expect(abs(schedule.rate(step: epoch) - rate) < 5e-8)
        }
    }

    @Test("Warm-up rises linearly and reaches the peak with its last step")
    func warmUp() {
        let schedule = LearningRateSchedule(
            shape: .cosine, peak: 1, finalFraction: 0.1, warmUpSteps: 4, totalSteps: 30)
        #expect((0..<4).map { schedule.rate(step: $0) } == [0.25, 0.5, 0.75, 1])
        #expect(schedule.rate(step: 4) == 1)
        #expect(schedule.rate(step: 29) < 0.12)
    }
}
