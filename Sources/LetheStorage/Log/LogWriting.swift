internal import Foundation
internal import Glibc
public import LetheRecords

/// Appends to a log whose lock the caller holds.
///
/// Entries and tiles become durable first (temporary file, sync, rename, sync of the folder), then
/// the checkpoint that names them in the same way. A crash before the checkpoint leaves partial
/// tiles that nothing names, and that the next append writes again.
struct LogWriting {
    let log: TransparencyLog
    let keeper: LogKeeper
    /// Whether the last writer died while it held the lock; its folders may not be durable.
    let isAbandoned: Bool
    private(set) var checkpoint: Checkpoint
    private var edge: TileEdge

    /// Reads the present end of the log, and starts one where there is none.
    ///
    /// - Throws: `integrity` if the log was removed or its tiles are not those of its checkpoint.
    init(
        _ log: TransparencyLog, keeper: LogKeeper, isAbandoned: Bool
    ) throws(LetheError) {
        self.log = log
        self.keeper = keeper
        self.isAbandoned = isAbandoned
        guard let bytes = try log.checkpointBytes() else {
            guard !keeper.isExpected else { throw LogWriting.missing }
            edge = TileEdge()
            checkpoint = Checkpoint(origin: keeper.origin, size: 0, root: .empty)
            try append(keeper.history())
            return
        }
        let found = try keeper.open(bytes)
        edge = try TileEdge(size: found.size) { (tile) throws(LetheError) in
            try log.hashes(of: tile)
        }
        guard edge.root == found.root else { throw LogWriting.differs }
        checkpoint = found
    }

    /// Adds entries and signs the checkpoint over them.
    ///
    /// The bytes of tiles and checkpoint are synced together, the names of the tiles before the
    /// checkpoint gets its own.
    ///
    /// - Throws: `io`, `diskFull`: the log is as before then; what the keeper throws.
    mutating func append(_ leaves: [LogLeaf]) throws(LetheError) {
        var entries: [[UInt8]] = []
        for leaf in leaves { entries.append(try leaf.canonicalBytes()) }
        try append(entries: entries)
    }

    /// Adds entries as they are and signs the checkpoint over them.
    ///
    /// - Throws: as `append(_:)`.
    mutating func append(entries: [[UInt8]]) throws(LetheError) {
        let staged = StagedFiles(in: log.temporary, files: log.files)
        let before = edge.size
        try stageTiles(entries, staged)
        let next = Checkpoint(origin: keeper.origin, size: edge.size, root: edge.root)
        let temporary = try staged.nextPath()
        try log.files.write(
            keeper.sign(next), to: log.files.createFile(temporary, mode: 0o644))
        try log.files.syncFile(temporary)
        try staged.makeDurable(keepingScratch: true)
        try log.files.rename(temporary, to: log.checkpointURL.path)
        try log.files.syncFolder(log.url.path)
        checkpoint = next
        tidy(from: before)
    }

    /// The newest entry; nil if there is none.
    func lastLeaf() throws(LetheError) -> LogLeaf? {
        try log.lastLeaf(size: checkpoint.size)
    }

    /// Removes partial tiles that the checkpoint no longer names; only untidy if that fails.
    func tidy(from oldSize: Int) {
        let size = checkpoint.size
        let levels = [LogTile.Level.entries] + edge.rows.indices.map { .hashes($0) }
        for level in levels {
            let first = max(0, LogTile.count(of: level, size: oldSize) / LogTile.fullWidth - 1)
            let last = LogTile.count(of: level, size: size) / LogTile.fullWidth
            for index in first...max(first, last) {
                let position = index * LogTile.fullWidth
                let tile = LogTile(level, holding: position, size: size)
                tidy(LogTile(level, index: index, width: 1).partialFolder, keeping: tile)
            }
        }
    }

    private func tidy(_ partialFolder: String, keeping tile: LogTile?) {
        let folder = log.url.appending(path: partialFolder).path
        guard (try? FileStatus.of(folder)) != nil else { return }
        let kept = tile?.isPartial == true ? "\(tile?.width ?? 0)" : ""
        for name in FolderListing.names(in: folder) where name != kept {
            try? log.files.remove("\(folder)/\(name)")
        }
        if kept.isEmpty { try? log.files.remove(folder) }
    }

    private mutating func stageTiles(
        _ entries: [[UInt8]], _ staged: StagedFiles
    ) throws(LetheError) {
        try makeFolder(log.url.path, staged)
        var bundle = try presentBundle()
        // A level changes only when the tile below it has become full.
        var changed: Set<LogTile.Level> = entries.isEmpty ? [] : [.hashes(0)]
        for entry in entries {
            bundle += try EntryBundle.encode(entry)
            for (number, full) in edge.append(.leaf(entry)).enumerated() {
                changed.insert(.hashes(number + 1))
                if full.tile.level == .hashes(0) {
                    let tile = LogTile(.entries, index: full.tile.index, width: full.tile.width)
                    try write(bundle, to: tile, staged)
                    bundle = []
                }
                try write(full.hashes.flatMap(\.bytes), to: full.tile, staged)
            }
        }
        for partial in edge.partialTiles where changed.contains(partial.tile.level) {
            if partial.tile.level == .hashes(0) {
                let tile = LogTile(.entries, index: partial.tile.index, width: partial.tile.width)
                try write(bundle, to: tile, staged)
            }
            try write(partial.hashes.flatMap(\.bytes), to: partial.tile, staged)
        }
    }

    /// The bytes of the last bundle of entries, if that is partial.
    private func presentBundle() throws(LetheError) -> [UInt8] {
        let size = checkpoint.size
        guard let tile = LogTile(.entries, holding: size - 1, size: size), tile.isPartial else {
            return []
        }
        var bundle: [UInt8] = []
        for entry in try log.entries(of: tile) { bundle += try EntryBundle.encode(entry) }
        return bundle
    }

    private func write(
        _ bytes: [UInt8], to tile: LogTile, _ staged: StagedFiles
    ) throws(LetheError) {
        let path = log.path(of: tile)
        try makeFolder(StagedFiles.folder(of: path), staged)
        try staged.write(bytes, to: path, mode: 0o644)
    }

    /// Makes a folder of the log and those above it; their names become durable with the tiles.
    private func makeFolder(_ path: String, _ staged: StagedFiles) throws(LetheError) {
        guard path.hasPrefix(log.url.path) else { return }
        let parent = StagedFiles.folder(of: path)
        try makeFolder(parent, staged)
        if try log.files.createFolder(path) || isAbandoned { staged.alsoSync(parent) }
    }

    private static var missing: LetheError {
        LetheError(
            code: .integrity, message: "The registry's log is gone: there is no log/checkpoint.",
            remedy: "Restore the folder log/ from a backup; without it nothing may be written.")
    }

    private static var differs: LetheError {
        LetheError(
            code: .integrity, message: "The log's tiles are not those that its checkpoint signs.",
            remedy: "Run lethe audit to see where, and restore the folder log/ from a backup.")
    }
}

extension TransparencyLog {
    /// The entry at the end of a log of `size` entries; nil if there is none, or if it is about no
    /// version.
    public func lastLeaf(size: Int) throws(LetheError) -> LogLeaf? {
        guard let tile = LogTile(.entries, holding: size - 1, size: size) else { return nil }
        guard let entry = try entries(of: tile).last, !JudgementEntry.claims(entry) else {
            return nil
        }
        return try LogLeaf.read(canonical: entry)
    }

    /// Runs `body` while no other process appends.
    func whileLocked<Result>(
        _ keeper: LogKeeper, _ body: (inout LogWriting) throws(LetheError) -> Result
    ) throws(LetheError) -> Result {
        let lock = try NamedLock(lockPath, files: files)
        defer { lock.finish() }
        var writing = try LogWriting(self, keeper: keeper, isAbandoned: lock.isAbandoned)
        return try body(&writing)
    }
}
