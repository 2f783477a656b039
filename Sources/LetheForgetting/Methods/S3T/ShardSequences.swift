/// What is left of a shard's training sequences after deletions: S3T's roll-back, without training.
///
/// A stage was trained on all slices of its sequence up to its own, and its head has seen every one of
/// them. So a deletion cuts each sequence just before the slice it hits, and what is served is the
/// stored checkpoint of the last stage before that (arXiv:2406.16257, section 3.1).
public struct ShardSequences: Sendable {
    /// A stage that may be served.
    public struct Stage: Sendable, Hashable {
        /// Which sequence.
        public let sequence: Int
        /// How many slices it was trained on, from the first.
        public let sliceCount: Int
    }

    /// Orders of the shard's slices.
    public let sequences: [[Int]]
    /// How many slices of each sequence are clean; 0 for a sequence that is dead.
    public private(set) var cleanCounts: [Int]
    /// Where a slice stands in each sequence.
    private let places: [Int: [Int]]

    /// Takes sequences that are trained to the end; each has every slice once.
    public init(_ sequences: [[Int]]) {
        self.sequences = sequences
        cleanCounts = sequences.map(\.count)
        places = sequences.reduce(into: [:]) { places, sequence in
            for (place, slice) in sequence.enumerated() { places[slice, default: []].append(place) }
        }
    }

    /// Cuts every sequence just before a slice.
    public mutating func delete(slice: Int) {
        for (number, place) in (places[slice] ?? []).enumerated() where place < cleanCounts[number]
        {
            cleanCounts[number] = place
        }
    }

    /// The stage to serve: that of the longest clean prefix, the first of equals; nil if every sequence
    /// is dead.
    public var served: Stage? {
        guard let longest = cleanCounts.max(), longest > 0,
            let number = cleanCounts.firstIndex(of: longest)
        else { return nil }
        return Stage(sequence: number, sliceCount: longest)
    }

    /// The slices that the served stage was trained on.
    public var contributingSlices: [Int] {
        served.map { Array(sequences[$0.sequence].prefix($0.sliceCount)) } ?? []
    }

    /// How many sequences are not dead: what to raise an alarm on, because each can be killed by one
    /// request that hits its first slice.
    public var aliveCount: Int { cleanCounts.count { $0 > 0 } }
}
