import LetheRecords
import LetheTensor
import Testing

@testable import LetheForgetting

@Suite("The parts of methods that change weights as they are")
struct WeightPartTests {
    private func l1(_ parameters: [String: JSONValue]) throws -> L1SparseParameters {
        let recipe = Recipe(
            name: "test", method: "l1-sparse", description: "", parameters: .object(parameters))
        var reader = try ParameterReader(recipe, method: "l1-sparse")
        return try L1SparseParameters(&reader)
    }

    @Test("The l1 weight falls from alpha in tenths over ten epochs and is never 0 inside the run")
    func fallingPenalty() throws {
        let plan = try l1(["epochCount": 10, "l1Weight": 1])
        for epoch in 0..<10 {
            #expect(abs(plan.penalty(epoch: epoch) - (1 - Double(epoch) / 10)) < 1e-12)
        }
        let late = try l1(["epochCount": 10, "epochsWithoutL1": 4, "l1Weight": 1])
        #expect(late.penalty(epoch: 5) > 0 && late.penalty(epoch: 6) == 0)
        #expect(try l1(["l1Schedule": "constant", "l1Weight": 0.5]).penalty(epoch: 9) == 0.5)
        #expect(try l1(["l1Schedule": "rising", "l1Weight": 1]).penalty(epoch: 9) == 1)
    }

    @Test("Passes alternate, and each pool's steps are counted through the run")
    func passes() {
        let schedule = PassSchedule([[.forget, .retain], [.retain]]) { $0 == .forget ? 2 : 3 }
        #expect(schedule.stepCount == 8)
        let places = (0..<8).map { schedule.place($0) }
        #expect(places.map(\.pool) == [.forget, .forget] + Array(repeating: .retain, count: 6))
        #expect(places.map(\.epoch) == [0, 0, 0, 0, 0, 1, 1, 1])
        #expect(places.map(\.step) == [0, 1, 0, 1, 2, 3, 4, 5])
    }

    @Test("A wrong label is never the right one, and every other class comes up")
    func wrongLabels() throws {
        var source = SplitMix64(seed: 3)
        let labels = try Tensor([Int64](repeating: 2, count: 400))
        let wrong = try WrongLabels.draw(for: labels, classCount: 5, &source).integers()
        #expect(Set(wrong) == [0, 1, 3, 4])
    }

    @Test("Dampening multiplies by min(lambda I / I_f, 1), and only above the threshold")
    func dampening() throws {
        let factors = try SSDParameters.factors(
            forget: Tensor([Float(40), 40, 9, 0]), all: Tensor([Float(1), 30, 1, 0]),
            threshold: 10, dampening: 1)
        #expect(try factors.floats() == [0.025, 1, 1, 1])
    }

    @Test("A mask holds the zeros of matrices and leaves whole tensors and vectors alone")
    func mask() throws {
        let matrix = try Tensor([Float(1), 0, 2, 3], shape: [2, 2])
        let vector = try Tensor([Float(0), 1])
        let mask = try ZeroMask([matrix, vector])
        try matrix.fill(5)
        try vector.fill(5)
        try mask.apply(to: [matrix, vector])
        #expect(try matrix.floats() == [5, 0, 5, 5])
        #expect(try vector.floats() == [5, 5])
    }
}
