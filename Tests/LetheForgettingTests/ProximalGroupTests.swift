import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Groups that become exactly zero")
struct ProximalGroupTests {
    @Test("A group loses rate times alpha of its norm, and what is smaller becomes zero")
    func shrinks() throws {
        let large = [try Tensor([Float(3), 0]), try Tensor([Float(0), 4])]
        let small = [try Tensor([Float(0.06), 0.08])]
        let zero = [try Tensor(zeros: [2])]
        let step = ProximalGroupStep(
            groups: [large, small, zero], weight: 10, rateFactors: [1, 0.5, 1])
        try step(learningRate: 0.1)
        #expect(abs(try large.jointNorm() - 4) < 1e-6)
        #expect(abs(try large[0].floats()[0] - 2.4) < 1e-6)
        #expect(try small[0].floats() == [0, 0])
        #expect(try zero[0].floats() == [0, 0])
    }

    @Test("A random group keeps its direction and never grows")
    func direction() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var source = SplitMix64(seed: seed)
        for _ in 0..<50 {
            let numbers = (0..<4).map { _ in Float(source.unit() - 0.5) }
            let rate = source.unit() * 0.5
            let group = [try Tensor(numbers)]
            let before = try group.jointNorm()
            try ProximalGroupStep(groups: [group], weight: 1, rateFactors: [1])(learningRate: rate)
            let expected = max(0, before - rate)
            #expect(abs(try group.jointNorm() - expected) < 1e-5, "seed \(seed)")
            for (new, old) in zip(try group[0].floats(), numbers) {
                #expect(abs(Double(new) * before - Double(old) * expected) < 1e-5, "seed \(seed)")
            }
        }
    }

    @Test("A zero group still has a gradient, so it can leave zero again")
    func leavesZero() throws {
        let model = try VisionTransformer.load(
            folder: Locations.fixtures.appending(path: "forgetting/gs-lora"))
        let adapters = try LowRankAdapters(
            model, rank: 2, slopeSquared: 5, place: .both, seed: RunSeed(seed: 1, task: 0))
        try ProximalGroupStep(
            groups: adapters.groups(.proximal), weight: 1e3, rateFactors: [1, 1])(learningRate: 1)
        try adapters.attach()
        let images = try Tensor.normal(shape: [2, 1, 8, 8], generator: Generator(seed: 4))
        try model.logits(images).square().sum().backward()
        for group in adapters.groups(.proximal) {
            #expect(group.count == 6)
            var norm = 0.0
            for matrix in group { norm += Double(try #require(matrix.gradient).norm().scalar()) }
            #expect(norm > 0)
        }
    }

    @Test("A block at zero is not in the delta; if every block is, there is no delta")
    func leftOut() throws {
        let temporary = try TemporaryFolder()
        let url = temporary.url.appending(path: "delta.safetensors")
        let model = try VisionTransformer.load(
            folder: Locations.fixtures.appending(path: "forgetting/gs-lora"))
        let adapters = try LowRankAdapters(
            model, rank: 2, slopeSquared: 5, seed: RunSeed(seed: 1, task: 0))
        let error = try #require(throws: LetheError.self) { try adapters.write(to: url) }
        #expect(error.code == .numerical && error.remedy != nil)
        try adapters.blocks[1][0].up.fill(0.5)
        try adapters.write(to: url)
        let names = try Safetensors.open(url).names
        #expect(names.count == 4 && names.allSatisfy { $0.contains("layer.1.") })
        #expect(try adapters.sparsityFigures(.proximal)["zeroGroupRatio"] == 0.5)
        #expect(try adapters.sparsityFigures(.subgradient)["zeroGroupRatio"] == 0)
    }
}
