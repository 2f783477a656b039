import LetheRecords

/// Derives every random choice of a run from the seed, the task's place in its sequence, the
/// purpose and the step, so that a resumed run draws what the uninterrupted one would have drawn.
struct RunSeed: Sendable {
    let seed: Int
    /// How many requests the line had honoured before this task.
    let task: Int

    /// The first eight bytes of a digest over everything that the choice depends on.
    func value(_ purpose: String, _ step: Int) -> UInt64 {
        let text = "lethe.seed.v1 \(seed) \(task) \(purpose) \(step)"
        return Digest(hashing: Array(text.utf8)).bytes.prefix(8)
            .reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A source of random numbers for one purpose of one step.
    func source(_ purpose: String, _ step: Int) -> SplitMix {
        SplitMix(state: value(purpose, step))
    }
}

/// SplitMix64 (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators", 2014).
struct SplitMix: RandomNumberGenerator, Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    /// Evenly distributed in 0 ..< 1, with 53 bits.
    mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    /// Evenly distributed in 0 ..< bound; the bias of the remainder is below bound / 2^64.
    mutating func below(_ bound: Int) -> Int {
        Int(next() % UInt64(bound))
    }

    /// 0 ..< count in random order (Fisher and Yates).
    mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        var last = count - 1
        while last > 0 {
            order.swapAt(last, below(last + 1))
            last -= 1
        }
        return order
    }
}
