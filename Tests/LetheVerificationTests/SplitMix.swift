/// SplitMix64 (Steele, Lea, Flood, 2014): random numbers that are the same everywhere for a seed.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Uniform in 0..<1.
    mutating func fraction() -> Double {
        Double(next() >> 11) * 0x1p-53
    }
}

/// Draws from a binomial distribution by its cumulative probabilities.
struct BinomialDraws {
    private var cumulative: [Double] = []

    init(trials: Int, probability: Double) {
        var mass = (0..<trials).reduce(1.0) { product, _ in product * (1 - probability) }
        var sum = 0.0
        for successes in 0...trials {
            sum += mass
            cumulative.append(sum)
            let odds = probability / (1 - probability)
            mass *= Double(trials - successes) / Double(successes + 1) * odds
        }
    }

    func next(_ random: inout SplitMix) -> Int {
        let draw = random.fraction()
        return cumulative.firstIndex { draw < $0 } ?? cumulative.count - 1
    }
}
