import LetheRecords
import LetheTensor
import TestSupport
import Testing

@Suite("Random numbers come from explicit generators")
struct RandomTests {
    @Test("A seed gives the numbers that it gives in PyTorch")
    func goldenNumbers() throws {
        let golden = try Golden(GoldenFile.training, "random")
        func generator() throws -> Generator { try Generator(seed: 7) }
        try expectClose(
            try .normal(shape: [5, 8], mean: 0.5, standardDeviation: 2, generator: generator()),
            try golden("normal"), tolerance: 1e-5)
        try expectClose(
            try .normal(shape: [5], generator: generator()), try golden("normal-few"),
            tolerance: 1e-5)
        try expectClose(
            try .uniform(shape: [4, 5], low: -1, high: 3, generator: generator()),
            try golden("uniform"))
        try expectClose(try .permutation(20, generator: generator()), try golden("permutation"))
        try expectClose(
            try .truncatedNormal(shape: [20, 10], standardDeviation: 0.02, generator: generator()),
            try golden("truncated"), tolerance: 1e-5)
    }

    @Test("Dropout drops what PyTorch drops, and nothing at probability 0")
    func dropout() throws {
        let golden = try Golden(GoldenFile.training, "dropout")
        let x = try golden("x")
        let generator = try Generator(seed: 7)
        try expectClose(try x.dropout(probability: 0.3, generator: generator), try golden("out"))
        #expect(try x.dropout(probability: 0, generator: generator).isEqual(to: x))
        #expect(errorThrown { try x.dropout(probability: 1, generator: generator) } != nil)
    }

    @Test("Equal seeds give equal numbers, other seeds others")
    func seeds() throws {
        let numbers = try [3, 3, 4].map {
            try Tensor.normal(shape: [10], generator: try Generator(seed: $0)).floats()
        }
        #expect(numbers[0] == numbers[1])
        #expect(numbers[0] != numbers[2])
    }

    @Test("A generator goes on from a saved state")
    func savedState() throws {
        let generator = try Generator(seed: 11)
        _ = try Tensor.normal(shape: [100], generator: generator)
        let state = try generator.state()
        let expected = try Tensor.permutation(50, generator: generator).integers()
        let other = try Generator(seed: 12)
        try other.restore(state: state)
        #expect(try Tensor.permutation(50, generator: other).integers() == expected)
        #expect(errorThrown { try other.restore(state: try Tensor([1])) }?.code == .tensor)
    }
}
