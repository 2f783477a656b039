import CTorchShim
public import LetheRecords

/// A source of random numbers with a state of its own; the same seed gives the same numbers.
public final class Generator {
    let storage: GeneratorStorage

    /// Where the numbers are made.
    public let device: Device

    /// Makes a generator (Mersenne Twister on the CPU, Philox on CUDA).
    public init(seed: UInt64, device: Device = .cpu) throws(LetheError) {
        try device.requireAvailable()
        self.device = device
        storage = try GeneratorStorage(seed: seed, device: device)
    }

    /// The whole state, uint8, to put back with `restore`.
    public func state() throws(LetheError) -> Tensor {
        try readState()
    }

    /// Goes on from a state that `state` gave.
    public func restore(state: Tensor) throws(LetheError) {
        try writeState(state)
    }
}

extension Tensor {
    /// Normally distributed numbers, float32.
    public static func normal(
        shape: [Int], mean: Double = 0, standardDeviation: Double = 1, generator: Generator
    ) throws(LetheError) -> Tensor {
        try generator.draw(.normal, mean, standardDeviation, shape)
    }

    /// Evenly distributed numbers in `low ..< high`, float32.
    public static func uniform(
        shape: [Int], low: Double = 0, high: Double = 1, generator: Generator
    ) throws(LetheError) -> Tensor {
        try generator.draw(.uniform, low, high, shape)
    }

    /// Normally distributed numbers; those further than `limit` deviations off are drawn again.
    public static func truncatedNormal(
        shape: [Int], standardDeviation: Double, limit: Double = 2, generator: Generator
    ) throws(LetheError) -> Tensor {
        guard limit >= 0.5 else {
            throw LetheError(
                code: .invalidArgument,
                message: "A limit of \(limit) deviations would draw nearly every number again.",
                remedy: "Use a limit of 0.5 or more.")
        }
        let bound = limit * standardDeviation
        var result = try generator.draw(.normal, 0, standardDeviation, shape)
        while true {
            let isOutside = try result.absolute().greater(than: bound)
            guard try isOutside.any().scalar() != 0 else { return result }
            let again = try generator.draw(.normal, 0, standardDeviation, shape)
            result = try Tensor.where(isOutside, again, result)
        }
    }

    /// The numbers `0 ..< count` in random order, int64.
    public static func permutation(
        _ count: Int, generator: Generator
    ) throws(LetheError) -> Tensor {
        try generator.drawPermutation(count)
    }
}
