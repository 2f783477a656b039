public import LetheRecords

/// The order in which a version comes into being. Nothing refers to something not yet durable:
///
/// 1. objects: leased, so that `gc` leaves them; temporary files, sync, rename, sync of the
///    folders (`ObjectBatch.makeDurable`);
/// 2. the commit, with everything it needs (`Lineage.writeCommit`);
/// 3. the transparency log: entries and tiles, then the signed checkpoint (`LogWriting`);
/// 4. the reference, by compare and swap (`Lineage.moveReference`): the version exists from here;
/// 5. the index, a cache.
///
/// Steps 3 and 4 happen under the log's lock, and only if the line is still where the writer
/// thinks. A crash before the checkpoint leaves the old version and some unused objects; after it
/// the new version exists as soon as anybody writes again (`finishInterrupted`); after 4 it
/// exists. The index catches up when it is opened next.
///
/// The leases are given back when the reference has moved.
public struct WriteOrder: Sendable {
    private let lineage: Lineage
    private let index: RegistryIndex?
    private let log: TransparencyLog
    private let keeper: LogKeeper

    /// Orders the writes of a registry; without an index, the next one to open it catches up.
    public init(
        lineage: Lineage, index: RegistryIndex?, log: TransparencyLog, keeper: LogKeeper
    ) {
        self.lineage = lineage
        self.index = index
        self.log = log
        self.keeper = keeper
    }

    /// Makes a version.
    ///
    /// - Parameters:
    ///   - objects: What the version needs beside git; already durable objects do no harm.
    ///   - expected: Where the line is now; nil if the line must not exist.
    ///   - logged: The log's entry for the new commit, whose signed bytes have that digest.
    ///   - indexed: What the index shall keep of the new commit.
    /// - Returns: the commit of the new version.
    /// - Throws: `conflict` if another writer moved the line first; nothing is logged and the
    ///   objects stay for another try. `diskFull`, `io`, what `sign` throws; `integrity` if the
    ///   log is damaged. The line is unchanged then.
    public func write(
        _ draft: CommitDraft, on line: ReferenceName, from expected: CommitID?,
        objects: ObjectBatch, sign: CommitSigner,
        logged: (CommitID, _ signed: Digest) throws(LetheError) -> LogLeaf,
        indexed: (CommitID) -> IndexedVersion
    ) throws(LetheError) -> CommitID {
        try objects.makeDurable()
        var signed = Digest(hashing: [])
        let commit = try lineage.writeCommit(draft) { (bytes) throws(LetheError) in
            signed = Digest(hashing: bytes)
            return try sign(bytes)
        }
        let leaf = try logged(commit, signed)
        try move(line, from: expected, to: commit, logging: [leaf])
        objects.release()
        // The version exists now. A cache that fails must not turn that into an error.
        try? index?.add(indexed(commit))
        return commit
    }

    /// Makes versions of another registry visible here.
    ///
    /// This is the one way in which a line moves to commits that were not written here. They and
    /// their objects have arrived and were checked.
    ///
    /// - Parameters:
    ///   - expected: Where the line is now; nil if the line must not exist.
    ///   - leaves: The log's entries for the new commits, oldest first.
    ///   - versions: What the index shall keep of the new commits, oldest first; the line moves to
    ///     the last.
    /// - Throws: `conflict` if another writer moved the line first; what has arrived stays for
    ///   another try. `diskFull`, `io`. The line is unchanged then.
    public func receive(
        _ versions: [IndexedVersion], on line: ReferenceName, from expected: CommitID?,
        objects: ObjectBatch, leaves: [LogLeaf]
    ) throws(LetheError) {
        guard let last = versions.last else { return }
        try objects.makeDurable()
        try move(line, from: expected, to: last.commit, logging: leaves)
        objects.release()
        // The versions exist now. A cache that fails must not turn that into an error.
        for version in versions { try? index?.add(version) }
    }

    /// Brings to its end what a writer began that died between the log and the reference.
    ///
    /// Called before a writer looks at the lines; costs two small reads if nothing is to be done.
    ///
    /// - Returns: whether a line moved.
    /// - Throws: `integrity` if the log is damaged, `io`.
    @discardableResult
    public func finishInterrupted() throws(LetheError) -> Bool {
        guard let bytes = try log.checkpointBytes() else { return false }
        let size = try keeper.open(bytes).size
        let last = try? log.lastLeaf(size: size)
        guard try LogRecovery(lineage: lineage).pending(last ?? nil) != nil else { return false }
        return try log.whileLocked(keeper) { (writing) throws(LetheError) in
            try finish(writing)
        }
    }

    /// Starts the log of a registry that has versions but no entries for them.
    ///
    /// - Throws: `integrity` if the log has entries, `io`, `diskFull`.
    public func startLog() throws(LetheError) {
        try log.whileLocked(keeper) { (writing) throws(LetheError) in
            if writing.checkpoint.size == 0 { try writing.append(keeper.history()) }
        }
    }

    /// Logs an entry that is about no version.
    ///
    /// - Parameter entry: Made while the log is locked, so that it may follow from what is logged.
    /// - Returns: the entry, which is durable.
    /// - Throws: `integrity` if the log is damaged, `io`, `diskFull`, what `entry` throws.
    public func note<Entry: Record>(
        _ entry: () throws(LetheError) -> Entry
    ) throws(LetheError) -> Entry {
        try log.whileLocked(keeper) { (writing) throws(LetheError) in
            // Only the newest entry may be without its reference, so that one is mended first.
            _ = try finish(writing)
            let made = try entry()
            try writing.append(entries: [made.canonicalBytes()])
            return made
        }
    }

    /// The log and then the reference, if the line is still where the writer thinks.
    private func move(
        _ line: ReferenceName, from expected: CommitID?, to commit: CommitID,
        logging leaves: [LogLeaf]
    ) throws(LetheError) {
        try log.whileLocked(keeper) { (writing) throws(LetheError) in
            _ = try finish(writing)
            let found = try lineage.target(of: line)
            guard found == expected else {
                throw Lineage.conflict(line.description, expected: expected, found: found)
            }
            try writing.append(leaves)
            try lineage.moveReference(line, from: expected, to: commit)
        }
    }

    private func finish(_ writing: LogWriting) throws(LetheError) -> Bool {
        guard let pending = try LogRecovery(lineage: lineage).pending(writing.lastLeaf()) else {
            return false
        }
        try lineage.moveReference(pending.reference, from: pending.present, to: pending.commit)
        writing.tidy(from: writing.checkpoint.size)
        _ = try? index?.refresh()
        return true
    }
}
