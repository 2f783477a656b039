/// Checks of the two proofs that a transparency log gives (RFC 6962 sections 2.1.1 and 2.1.2,
/// by the algorithms of RFC 9162 sections 2.1.3.2 and 2.1.4.2).
public enum TreeProofs {
    /// Whether a leaf is at an index of the tree of a size and root.
    ///
    /// - Parameter path: The hashes beside the way up, the leaf's sibling first.
    public static func isIncluded(
        _ leaf: TreeHash, at index: Int, in size: Int, root: TreeHash, path: [TreeHash]
    ) -> Bool {
        guard index >= 0, index < size else { return false }
        var position = index
        var last = size - 1
        var hash = leaf
        for sibling in path {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                hash = .node(sibling, hash)
                while position & 1 == 0, position > 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                hash = .node(hash, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && hash == root
    }

    /// Whether a tree is the beginning of another: the first leaves of the larger one are the
    /// leaves of the smaller one.
    ///
    /// A log of no entries proves nothing, and no path is accepted for one.
    public static func isConsistent(
        oldSize: Int, oldRoot: TreeHash, newSize: Int, newRoot: TreeHash, path: [TreeHash]
    ) -> Bool {
        guard oldSize > 0, oldSize <= newSize else { return false }
        if oldSize == newSize { return path.isEmpty && oldRoot == newRoot }
        // A complete old tree is itself the first hash of the path.
        var rest = (oldSize.nonzeroBitCount == 1 ? [oldRoot] : []) + path
        guard !rest.isEmpty else { return false }
        var position = oldSize - 1
        var last = newSize - 1
        while position & 1 == 1 {
            position >>= 1
            last >>= 1
        }
        var old = rest.removeFirst()
        var new = old
        for sibling in rest {
            guard last > 0 else { return false }
            if position & 1 == 1 || position == last {
                old = .node(sibling, old)
                new = .node(sibling, new)
                while position & 1 == 0, position > 0 {
                    position >>= 1
                    last >>= 1
                }
            } else {
                new = .node(new, sibling)
            }
            position >>= 1
            last >>= 1
        }
        return last == 0 && old == oldRoot && new == newRoot
    }
}
