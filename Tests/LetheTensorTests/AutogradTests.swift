import LetheRecords
import LetheTensor
import TestSupport
import Testing

@Suite("Gradients")
struct AutogradTests {
    @Test("Gradients of a small network equal PyTorch's")
    func goldenGradients() throws {
        let golden = try Golden(GoldenFile.training, "gradients")
        let names = ["x", "gain", "shift", "weight1", "bias1", "weight2", "bias2"]
        let leaves = try names.map { try golden($0).requiringGradient() }
        let loss = try smallNetworkLoss(leaves, labels: try golden("labels"))
        try expectClose(try loss.detached(), try golden("loss"))
        try loss.backward()
        for (name, leaf) in zip(names, leaves) {
            let gradient = try #require(leaf.gradient)
            try expectClose(gradient, try golden("d-\(name)"))
        }
    }

    @Test("Derivatives asked for by name leave the gradients alone")
    func derivatives() throws {
        let golden = try Golden(GoldenFile.training, "gradients")
        let names = ["x", "gain", "shift", "weight1", "bias1", "weight2", "bias2"]
        let leaves = try names.map { try golden($0).requiringGradient() }
        let stranger = try Tensor(ones: [2]).requiringGradient()
        let loss = try smallNetworkLoss(leaves, labels: try golden("labels"))
        let derivatives = try loss.gradients(withRespectTo: [leaves[3], stranger])
        try expectClose(try #require(derivatives[0]), try golden("d-weight1"))
        #expect(derivatives[1] == nil)
        #expect(leaves[3].gradient == nil)
    }

    private func smallNetworkLoss(_ leaves: [Tensor], labels: Tensor) throws -> Tensor {
        let normal = try leaves[0].layerNormalized(
            shape: [6], weight: leaves[1], bias: leaves[2], epsilon: 1e-5)
        let hidden = try normal.linear(weight: leaves[3], bias: leaves[4]).gelu()
        let logits = try hidden.linear(weight: leaves[5], bias: leaves[6])
        return try logits.crossEntropy(labels: labels) + 0.1 * leaves[3].norm()
    }

    @Test("Gradients add up until they are removed")
    func accumulation() throws {
        let x = try Tensor([1, 2]).requiringGradient()
        #expect(x.requiresGradient)
        #expect(x.gradient == nil)
        try x.square().sum().backward()
        try x.square().sum().backward()
        #expect(try x.gradient?.floats() == [4, 8])
        try x.zeroGradient()
        #expect(x.gradient == nil)
        try x.setGradient(try Tensor([5, 6]))
        #expect(try x.gradient?.floats() == [5, 6])
    }

    @Test("A kept graph can be walked twice, another one cannot")
    func keptGraph() throws {
        let x = try Tensor([3]).requiringGradient()
        let y = try x.square().sum()
        try y.backward(keepingGraph: true)
        try y.backward()
        #expect(try x.gradient?.floats() == [12])
        #expect(errorThrown { try y.backward() }?.message.contains("second time") == true)
    }

    @Test("Nothing is recorded without gradient, and the mode comes back")
    func withoutGradientScope() throws {
        let x = try Tensor([1, 2]).requiringGradient()
        #expect(try (x * 2).requiresGradient)
        let nested = try withoutGradient {
            let inner = try withGradient { try x * 2 }
            #expect(inner.requiresGradient)
            return try x * 2
        }
        #expect(!nested.requiresGradient)
        #expect(try (x * 2).requiresGradient)
    }

    @Test("The gradient mode comes back after an error")
    func modeAfterError() throws {
        let x = try Tensor([1, 2]).requiringGradient()
        #expect(errorThrown { try withoutGradient { try x.reshaped([5]) } } != nil)
        #expect(try (x * 2).requiresGradient)
    }

    @Test("A detached tensor shares its numbers but not its history")
    func detaching() throws {
        let x = try Tensor([1, 2]).requiringGradient()
        let y = try (x * 2).detached()
        #expect(!y.requiresGradient)
        #expect(errorThrown { try y.sum().backward() }?.code == .tensor)
        let z = try x * 2
        #expect(errorThrown { try z.requiringGradient(false) }?.message.contains("leaf") == true)
        #expect(errorThrown { try Tensor([1] as [Int64]).requiringGradient() } != nil)
    }

    @Test("Gradients are clipped to a joint norm as in PyTorch")
    func clipping() throws {
        let golden = try Golden(GoldenFile.training, "clipping")
        let first = try Tensor(zeros: [3, 4])
        let second = try Tensor(zeros: [5])
        let untouched = try Tensor(zeros: [2])
        try first.setGradient(try golden("first"))
        try second.setGradient(try golden("second"))
        let norm = try Tensor.clipGradients(of: [first, second, untouched], maximumNorm: 0.7)
        try expectClose(try Tensor([Float(norm)], shape: []), try golden("norm"))
        try expectClose(try #require(first.gradient), try golden("clipped-first"))
        try expectClose(try #require(second.gradient), try golden("clipped-second"))
    }
}
