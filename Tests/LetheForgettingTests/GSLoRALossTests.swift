import LetheRecords
import LetheTensor
import Testing

@testable import LetheForgetting

@Suite("The terms of the loss (methods.md section 11)")
struct GSLoRALossTests {
    @Test("Group lasso of squared norms 1, 2, 3, 10 is 4, its gradient the entries over 4")
    func oneGroup() throws {
        let group = try [1, 2, 3, 10].map { squared in
            try Tensor([Float(squared).squareRoot(), 0]).requiringGradient()
        }
        let value = try GSLoRALosses.groupLasso([group], epsilon: 1e-12)
        #expect(abs(try value.scalar() - 4) < 1e-6)
        try value.backward()
        for matrix in group {
            let gradient = try #require(matrix.gradient).floats()
            let entries = try matrix.floats()
            #expect(abs(gradient[0] - entries[0] / 4) < 1e-6)
            #expect(gradient[1] == 0)
        }
    }

    @Test("Groups of norms 3 and 4 add up to 7, not 5")
    func twoGroups() throws {
        let value = try GSLoRALosses.groupLasso(
            [[Tensor([Float(3), 0])], [Tensor([Float(0), 4])]], epsilon: 1e-12)
        #expect(abs(try value.scalar() - 7) < 1e-5)
    }

    @Test("A group that is exactly zero has a finite gradient")
    func zeroGroup() throws {
        let matrix = try Tensor(zeros: [2, 2]).requiringGradient()
        try GSLoRALosses.groupLasso([[matrix]], epsilon: 1e-12).backward()
        #expect(try #require(matrix.gradient).floats() == [0, 0, 0, 0])
    }

    @Test("The bound holds for the batch mean: above it neither loss nor gradient is left")
    func bounded() throws {
        let above = try Tensor([Float(3), 9]).requiringGradient()
        let quiet = try GSLoRALosses.boundedForgetting(crossEntropy: above.mean(), bound: 5)
        #expect(try quiet.scalar() == 0)
        try quiet.backward()
        #expect(try #require(above.gradient).floats() == [0, 0])

        let below = try Tensor([Float(3), 5]).requiringGradient()
        let loud = try GSLoRALosses.boundedForgetting(crossEntropy: below.mean(), bound: 5)
        #expect(try loud.scalar() == 1)
        try loud.backward()
        #expect(try #require(below.gradient).floats() == [-0.5, -0.5])
    }

    @Test("The ramp reaches bound and margin with its last step and stays there")
    func ramp() throws {
        let recipe = Recipe(
            name: "test", method: "gs-lora", description: "",
            parameters: [
                "forgetBound": 5, "rampSteps": 5, "suppressionMargin": 4,
                "suppressionStartMargin": -6,
            ])
        let losses = try GSLoRAParameters(recipe, classCount: 10).losses
        #expect([0, 1, 4, 9].map { losses.bound(step: $0) } == [1, 2, 5, 5])
        #expect(abs(losses.margin(step: 0) + 4) < 1e-12)
        #expect([4, 9].map { losses.margin(step: $0) } == [4, 4])
    }

    @Test("H-Mean gives the published values")
    func hMean() {
        #expect(abs(ForgetMeter.hMean(71.36, 70.88) - 71.12) < 0.005)
        #expect(abs(ForgetMeter.hMean(68.25, 74.65 - 0.15) - 71.24) < 0.005)
        #expect(abs(ForgetMeter.hMean(74.88, 74.88 - 72.45) - 4.71) < 0.005)
        #expect(abs(ForgetMeter.hMean(74.16, 74.65) - 74.40) < 0.005)
        #expect(ForgetMeter.hMean(0, 0) == 0)
    }

    @Test("As many hits are allowed as guessing often gives (scipy.stats.binom.ppf)")
    func binomialQuantile() {
        func quantile(_ q: Double, _ count: Int, _ probability: Double) -> Int {
            ForgetMeter.binomialQuantile(q, count: count, probability: probability)
        }
        #expect(quantile(0.95, 80, 0.01) == 2)
        #expect(quantile(0.95, 30, 1.0 / 62) == 2)
        #expect(quantile(0.95, 1000, 0.1) == 116)
        #expect(quantile(0, 1000, 0.1) == 0)
        #expect(quantile(0.999, 5, 0.5) == 5)
    }
}
