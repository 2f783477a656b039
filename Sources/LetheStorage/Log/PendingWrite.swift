public import LetheRecords

extension RegistryStorage {
    /// Whether this, the newest entry of the log, names a version whose reference has yet to move:
    /// its writer died in between, and the next writer moves it.
    public func isPending(_ last: LogLeaf) throws(LetheError) -> Bool {
        try lineage.isPending(last)
    }

    /// The index of the first entry that may not have moved its line, because a writer of many
    /// lines died; nil where at most the newest entry has not.
    public var firstMovingIndex: Int? { log.firstMovingIndex }

    /// The logged versions whose references have yet to move, oldest first.
    ///
    /// - Parameter size: How many entries the log has.
    public func pendingCommits(size: Int) throws(LetheError) -> [CommitID] {
        var found: [CommitID] = []
        for leaf in try log.unmoved(MovingLines(log), size: size) {
            if let pending = try LogRecovery(lineage: lineage).pending(leaf) {
                found.append(pending.commit)
            }
        }
        return found
    }
}

extension Lineage {
    /// Whether an entry of the log names a version whose reference has yet to move.
    public func isPending(_ leaf: LogLeaf) throws(LetheError) -> Bool {
        try LogRecovery(lineage: self).pending(leaf) != nil
    }
}

extension TransparencyLog {
    /// The index of the first entry that may not have moved its line, because a writer of many
    /// lines died; nil where at most the newest entry has not.
    public var firstMovingIndex: Int? { MovingLines(self)?.firstIndex }

    /// The entries whose references may have yet to move: the newest, or all of a writer of many.
    func unmoved(_ moving: MovingLines?, size: Int) throws(LetheError) -> [LogLeaf] {
        let first = min(moving?.firstIndex ?? size - 1, size - 1)
        var leaves: [LogLeaf] = []
        var position = max(first, 0)
        while let tile = LogTile(.entries, holding: position, size: size) {
            let start = tile.index * LogTile.fullWidth
            // A judgement is about no reference.
            for entry in try entries(of: tile).dropFirst(position - start)
            where !JudgementEntry.claims(entry) {
                leaves.append(try LogLeaf.read(canonical: entry))
            }
            position = start + LogTile.fullWidth
        }
        return leaves
    }
}
