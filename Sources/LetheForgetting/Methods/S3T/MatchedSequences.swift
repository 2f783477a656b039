internal import Foundation

/// Orders of slices where it is known how likely each slice is deleted: bipartite-matching selection
/// (S3T, section 3.3 of arXiv:2406.16257).
///
/// As many orders as slices grow by one slice at a time; at each position every slice is used once, so
/// that the orders together lose as little as possible.
public enum MatchedSequences {
    /// Builds the orders.
    ///
    /// - Parameters:
    ///   - probabilities: How likely a request hits each slice; they add up to at most 1.
    ///   - deletionCount: How many requests are expected before the next training. The authors' code
    ///     has 100, with which later positions count for nothing.
    public static func make(probabilities: [Double], deletionCount: Int) -> [[Int]] {
        let slices = probabilities.indices
        var sequences = slices.map { [$0] }
        for _ in slices.dropFirst() {
            let scores = sequences.map { sequence in
                slices.map { slice in
                    sequence.contains(slice)
                        ? nil : score(sequence + [slice], probabilities, deletionCount)
                }
            }
            let chosen = Assignment.best(scores)
            for (number, slice) in chosen.enumerated() { sequences[number].append(slice) }
        }
        return sequences
    }

    /// How much of an order is expected to be left: the i-th stage counts i times the chance that none
    /// of its slices was hit.
    static func score(
        _ sequence: [Int], _ probabilities: [Double], _ deletionCount: Int
    ) -> Double {
        var hit = 0.0
        return sequence.enumerated().reduce(0) { total, stage in
            hit += probabilities[stage.element]
            return total + Double(stage.offset + 1) * pow(max(0, 1 - hit), Double(deletionCount))
        }
    }
}
