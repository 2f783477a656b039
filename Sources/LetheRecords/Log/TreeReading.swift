/// Gives the hash of the complete subtree over the leaves `index << height ..< (index + 1) <<
/// height`.
public typealias SubtreeReader = (_ height: Int, _ index: Int) throws(LetheError) -> TreeHash

/// Roots and proofs of a log (RFC 6962 section 2.1), from the hashes of complete subtrees.
///
/// Each asks for O(log n) subtrees, so a log in tiles answers from a few of them.
public struct TreeReading {
    private let subtree: SubtreeReader

    /// Reads subtrees from wherever they are kept.
    public init(_ subtree: @escaping SubtreeReader) {
        self.subtree = subtree
    }

    /// The root over the first `size` leaves.
    public func root(size: Int) throws(LetheError) -> TreeHash {
        size == 0 ? .empty : try hash(0, size)
    }

    /// The path that proves the leaf at `index` in the tree of `size`, the leaf's sibling first.
    ///
    /// - Throws: `invalidArgument` for an index that is not in the tree.
    public func inclusionPath(of index: Int, in size: Int) throws(LetheError) -> [TreeHash] {
        guard index >= 0, index < size else {
            throw LetheError(
                code: .invalidArgument, message: "A log of \(size) entries has none at \(index).",
                remedy: "Name an entry that is in the log.")
        }
        var path: [TreeHash] = []
        var (start, end) = (0, size)
        while end - start > 1 {
            let middle = start + Self.split(end - start)
            if index < middle {
                path.append(try hash(middle, end))
                end = middle
            } else {
                path.append(try hash(start, middle))
                start = middle
            }
        }
        return path.reversed()
    }

    /// The path that proves that the tree of `oldSize` is the beginning of the tree of `newSize`.
    ///
    /// - Throws: `invalidArgument` if the old tree is larger.
    public func consistencyPath(
        from oldSize: Int, to newSize: Int
    ) throws(LetheError) -> [TreeHash] {
        guard oldSize >= 0, oldSize <= newSize else {
            throw LetheError(
                code: .invalidArgument,
                message: "A log of \(newSize) entries does not extend one of \(oldSize).",
                remedy: "Name the older log first.")
        }
        guard oldSize > 0, oldSize < newSize else { return [] }
        var path: [TreeHash] = []
        var (start, end) = (0, newSize)
        while end != oldSize {
            let middle = start + Self.split(end - start)
            if oldSize <= middle {
                path.append(try hash(middle, end))
                end = middle
            } else {
                path.append(try hash(start, middle))
                start = middle
            }
        }
        // The old tree as a whole is known to whoever asks, unless it was cut on the way.
        if start > 0 { path.append(try hash(start, end)) }
        return path.reversed()
    }

    /// The hash over the leaves `start ..< end`, where `start` is where a subtree may begin.
    private func hash(_ start: Int, _ end: Int) throws(LetheError) -> TreeHash {
        let count = end - start
        if count.nonzeroBitCount == 1 {
            let height = count.trailingZeroBitCount
            return try subtree(height, start >> height)
        }
        let middle = start + Self.split(count)
        return .node(try hash(start, middle), try hash(middle, end))
    }

    /// The largest power of two below a count of at least two.
    private static func split(_ count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }
}
