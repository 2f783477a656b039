import LetheRecords
import LetheTensor
import TestSupport
import Testing

@Suite("Optimisers equal torch.optim")
struct OptimizerTests {
    typealias Make = @Sendable ([Tensor]) throws -> any Optimizer

    static let makers: [(String, Make)] = [
        (
            "adamw",
            {
                try AdamW(
                    parameters: $0, learningRate: 0.01, weightDecay: 0.05, beta1: 0.9, beta2: 0.98)
            }
        ),
        ("sgd", { try SGD(parameters: $0, learningRate: 0.1) }),
        (
            "sgd-momentum",
            { try SGD(parameters: $0, learningRate: 0.1, momentum: 0.9, weightDecay: 1e-2) }
        ),
        (
            "sgd-nesterov",
            { try SGD(parameters: $0, learningRate: 0.1, momentum: 0.9, nesterov: true) }
        ),
    ]

    @Test("Five steps equal PyTorch's, also where a parameter has no gradient", arguments: makers)
    func goldenSteps(name: String, make: Make) throws {
        let golden = try Golden(GoldenFile.training, name)
        let first = try golden("first").requiringGradient()
        let second = try golden("second").requiringGradient()
        let optimizer = try make([first, second])
        for step in 0..<5 {
            try setGradients(golden, step, first, second)
            try optimizer.step()
            try expectClose(
                try first.detached(), try golden("firsts").selected(dimension: 0, index: step))
            try expectClose(
                try second.detached(), try golden("seconds").selected(dimension: 0, index: step))
        }
        try optimizer.zeroGradients()
        #expect(first.gradient == nil)
    }

    @Test(
        "An optimiser resumed from its saved state goes on as if nothing had happened",
        arguments: makers)
    func resuming(name: String, make: Make) throws {
        let golden = try Golden(GoldenFile.training, name)
        let first = try golden("first")
        let second = try golden("second")
        var optimizer = try make([first, second])
        for step in 0..<5 {
            if step == 3 {
                let saved = try optimizer.stateTensors.map { ($0.name, try $0.tensor.copied()) }
                optimizer = try make([first, second])
                try optimizer.restore(stateTensors: saved)
            }
            try setGradients(golden, step, first, second)
            try optimizer.step()
        }
        try expectClose(first, try golden("firsts").selected(dimension: 0, index: 4))
        try expectClose(second, try golden("seconds").selected(dimension: 0, index: 4))
    }

    @Test("A transposed parameter is moved like any other")
    func transposedParameter() throws {
        let golden = try Golden(GoldenFile.training, "adamw")
        let plain = try golden("first").copied()
        let transposed = try golden("first").transposed().contiguous().transposed()
        let gradient = try golden("gradients-first").selected(dimension: 0, index: 0)
        for parameter in [plain, transposed] {
            try parameter.setGradient(gradient)
            try AdamW(parameters: [parameter], learningRate: 0.1).step()
        }
        #expect(try plain.isEqual(to: transposed))
    }

    @Test("The learning rate can change between steps")
    func changingLearningRate() throws {
        let x = try Tensor([1])
        try x.setGradient(try Tensor([1]))
        let optimizer = try SGD(parameters: [x], learningRate: 0.5)
        try optimizer.step()
        optimizer.learningRate = 0.25
        try optimizer.step()
        #expect(try x.floats() == [0.25])
    }

    @Test("What cannot be trained is refused")
    func refused() throws {
        let integers = try Tensor([1] as [Int64])
        let x = try Tensor([1])
        #expect(errorThrown { try AdamW(parameters: [x, integers], learningRate: 1) } != nil)
        #expect(errorThrown { try AdamW(parameters: [x], learningRate: .nan) } != nil)
        #expect(errorThrown { try SGD(parameters: [x], learningRate: 1, nesterov: true) } != nil)
        let optimizer = try AdamW(parameters: [x], learningRate: 1)
        let other = try AdamW(parameters: [x, x], learningRate: 1)
        let error = errorThrown { try optimizer.restore(stateTensors: other.stateTensors) }
        #expect(error?.code == .invalidArgument)
    }

    private func setGradients(
        _ golden: Golden, _ step: Int, _ first: Tensor, _ second: Tensor
    ) throws {
        let gradients = try golden("gradients-first").selected(dimension: 0, index: step)
        try first.setGradient(try gradients.copied())
        let hasGradient = step != 0 && step != 2
        let gradients2 = try golden("gradients-second").selected(dimension: 0, index: step)
        try second.setGradient(hasGradient ? try gradients2.copied() : nil)
    }
}
