/// Orders of slices where nothing is known about which slice will be deleted (S3T, section 3.2 of
/// arXiv:2406.16257): distinct first slices first, then distinct first pairs, and so on.
public enum CyclicSequences {
    /// The right rotations of 0 ..< sliceCount; beyond that many, each first slice is kept and the rest
    /// is rotated in the same way, the budget divided as evenly as it goes.
    ///
    /// - Returns: `budget` distinct orders, or all there are if that is fewer.
    public static func make(sliceCount: Int, budget: Int) -> [[Int]] {
        make(Array(0..<max(0, sliceCount)), budget)
    }

    private static func make(_ slices: [Int], _ budget: Int) -> [[Int]] {
        let count = slices.count
        guard count > 1, budget > 0 else { return budget > 0 && count == 1 ? [slices] : [] }
        let rotations = (0..<count).map { shift in
            Array(slices[(count - shift)...] + slices[..<(count - shift)])
        }
        if budget <= count { return Array(rotations.prefix(budget)) }
        return rotations.enumerated().flatMap { number, rotation in
            let share = budget / count + (number < budget % count ? 1 : 0)
            return make(Array(rotation.dropFirst()), share).map { [rotation[0]] + $0 }
        }
    }
}
