internal import Foundation
public import LetheRecords

/// The order in which a version comes into being. Nothing refers to something not yet durable:
///
/// 1. objects, leased, so that `gc` leaves them;
/// 2. with them the commits and what they need (`Lineage.stage`): temporary files, sync, rename,
///    sync of the folders (`ObjectBatch.makeDurable`);
/// 3. the transparency log: entries and tiles, then the signed checkpoint (`LogWriting`);
/// 4. the reference, by compare and swap (`Lineage.moveReference`): the version exists from here;
/// 5. the index, a cache.
///
/// Steps 3 and 4 happen under the log's lock, and only if the line is still where the writer
/// thinks. A crash before the checkpoint leaves the old version and some unused objects; after it
/// the new version exists as soon as anybody writes again (`finishInterrupted`); after 4 it
/// exists. The index catches up when it is opened next.
///
/// Versions of many lines go the same way together. Before their log entries are written, it is
/// written down which lines will move (`MovingLines`), because a crash may then leave many logged
/// versions whose references have not moved.
///
/// The leases are given back when the references have moved.
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

    /// Makes versions of as many lines: their objects, commits and entries become durable together.
    ///
    /// - Parameters:
    ///   - writes: The versions, each of another line.
    ///   - objects: What they need beside git; already durable objects do no harm.
    /// - Returns: the commits of the new versions.
    /// - Throws: `conflict` if another writer moved one of the lines first; nothing is logged and
    ///   the objects stay for another try. `diskFull`, `io`, what `sign` throws; `integrity` if the
    ///   log is damaged. The lines are unchanged then, or whoever writes next moves them all.
    public func write(
        _ writes: [VersionWrite], objects: ObjectBatch, sign: CommitSigner
    ) throws(LetheError) -> [CommitID] {
        var leaves: [LogLeaf] = []
        var moves: [LineMove] = []
        let gitObjects = StagedGitObjects(in: lineage.url.path, staged: objects.staged)
        for write in writes {
            var signed = Digest(hashing: [])
            let commit = try lineage.stage(write.draft, in: gitObjects) {
                (bytes) throws(LetheError) in
                signed = Digest(hashing: bytes)
                return try sign(bytes)
            }
            leaves.append(try write.logged(commit, signed))
            moves.append(LineMove(line: write.line, expected: write.expected, target: commit))
        }
        try gitObjects.stage()
        try objects.makeDurable()
        if moves.count == 1 {
            try move(moves[0].line, from: moves[0].expected, to: moves[0].target, logging: leaves)
        } else {
            try move(moves, logging: leaves)
        }
        objects.release()
        // The versions exist now. A cache that fails must not turn that into an error.
        try? index?.add(zip(writes, moves).map { $0.indexed($1.target) })
        return moves.map(\.target)
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
        try? index?.add(versions)
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
        if MovingLines(log) == nil {
            let pending = try LogRecovery(lineage: lineage).pending(last ?? nil)
            if pending == nil { return false }
        }
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

    /// The log and then many references, which nobody else can move meanwhile.
    private func move(_ moves: [LineMove], logging leaves: [LogLeaf]) throws(LetheError) {
        let references = ReferenceMoves(lineage: lineage, moves: moves)
        try log.whileLocked(keeper) { (writing) throws(LetheError) in
            _ = try finish(writing)
            try MovingLines(firstIndex: writing.checkpoint.size, lines: moves.map(\.line))
                .begin(in: log)
            do throws(LetheError) {
                try references.lock()
            } catch {
                try? MovingLines.end(in: log)
                throw error
            }
            do throws(LetheError) {
                try writing.append(leaves)
                try references.commit()
            } catch {
                references.unlock()
                throw error
            }
            try? MovingLines.end(in: log)
        }
    }

    private func finish(_ writing: LogWriting) throws(LetheError) -> Bool {
        let moving = MovingLines(log)
        if let moving { try ReferenceMoves.removeLocks(of: moving.lines, in: lineage) }
        var hasMoved = false
        for leaf in try log.unmoved(moving, size: writing.checkpoint.size) {
            guard let pending = try LogRecovery(lineage: lineage).pending(leaf) else { continue }
            try lineage.moveReference(pending.reference, from: pending.present, to: pending.commit)
            hasMoved = true
        }
        if moving != nil { try MovingLines.end(in: log) }
        guard hasMoved else { return false }
        writing.tidy(from: writing.checkpoint.size)
        _ = try? index?.refresh()
        return true
    }
}
