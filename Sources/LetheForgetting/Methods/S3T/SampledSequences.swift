/// Orders of slices drawn at random, slices that are rarely deleted more likely to come early (S3T,
/// section 3.3 of arXiv:2406.16257).
public enum SampledSequences {
    /// Draws `count` orders; each position is drawn from the slices that are left, with the weights
    /// 1 - p.
    public static func make(
        probabilities: [Double], count: Int, using random: inout some RandomNumberGenerator
    ) -> [[Int]] {
        (0..<count).map { _ in draw(probabilities, &random) }
    }

    /// The mean number of positions in which two of the orders differ; 0 for fewer than two.
    public static func diversity(_ sequences: [[Int]]) -> Double {
        var differences = 0
        var pairCount = 0
        for (number, first) in sequences.enumerated() {
            for second in sequences.dropFirst(number + 1) {
                differences += zip(first, second).count { $0 != $1 }
                pairCount += 1
            }
        }
        return pairCount == 0 ? 0 : Double(differences) / Double(pairCount)
    }

    private static func draw(
        _ probabilities: [Double], _ random: inout some RandomNumberGenerator
    ) -> [Int] {
        var left = Array(probabilities.indices)
        var sequence: [Int] = []
        while !left.isEmpty {
            let weights = left.map { max(0, 1 - probabilities[$0]) }
            let total = weights.reduce(0, +)
            var place = Double.random(in: 0..<1, using: &random) * total
            var chosen = left.count - 1
            for (number, weight) in weights.enumerated() {
                if place < weight {
                    chosen = number
                    break
                }
                place -= weight
            }
            sequence.append(left.remove(at: chosen))
        }
        return sequence
    }
}
