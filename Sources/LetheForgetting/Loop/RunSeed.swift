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
    func source(_ purpose: String, _ step: Int) -> SplitMix64 {
        SplitMix64(seed: value(purpose, step))
    }
}

extension SplitMix64 {
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
