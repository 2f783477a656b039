internal import Foundation
public import LetheRecords

/// Reads a whole log, entry by entry, and recomputes every hash of it; memory does not grow with
/// the log.
public struct LogScan {
    private let log: TransparencyLog
    private let checkpoint: Checkpoint

    /// What was found.
    public struct Outcome: Sendable {
        /// Files that are missing, damaged or not what the entries lead to.
        public internal(set) var findings: [StoreFinding] = []
        /// How many entries were read; fewer than the checkpoint says if some are gone.
        public internal(set) var entryCount = 0
        /// The root after `rootAt` entries; nil if there are fewer.
        public internal(set) var rootAtSize: TreeHash?
    }

    /// Scans a log as far as a checkpoint goes.
    public init(_ log: TransparencyLog, checkpoint: Checkpoint) {
        self.log = log
        self.checkpoint = checkpoint
    }

    /// Runs the scan.
    ///
    /// - Parameters:
    ///   - size: After how many entries the root is wanted.
    ///   - body: Hears of every entry and its index.
    /// - Throws: what `body` throws.
    public func run(
        rootAt size: Int? = nil, _ body: (Int, [UInt8]) throws(LetheError) -> Void
    ) throws(LetheError) -> Outcome {
        var outcome = Outcome()
        var edge = TileEdge()
        if size == 0 { outcome.rootAtSize = .empty }
        var position = 0
        while let tile = LogTile(.entries, holding: position, size: checkpoint.size) {
            guard let entries = entries(of: tile, &outcome) else { return outcome }
            var filled: [(tile: LogTile, hashes: [TreeHash])] = []
            for entry in entries {
                filled += edge.append(.leaf(entry))
                if edge.size == size { outcome.rootAtSize = edge.root }
                try body(edge.size - 1, entry)
            }
            for (tile, hashes) in filled { compare(tile, hashes, &outcome) }
            position += entries.count
        }
        for (tile, hashes) in edge.partialTiles { compare(tile, hashes, &outcome) }
        outcome.entryCount = edge.size
        if edge.root != checkpoint.root {
            outcome.findings.append(
                LogScan.finding(
                    "log-root-differs", "log/checkpoint",
                    "The root over the log's \(edge.size) entries is not the one that its "
                        + "checkpoint signs."))
        }
        return outcome
    }

    /// Files in `log/` that are no part of the log as its checkpoint has it.
    public func leftovers() -> [StoreFinding] {
        let expected = Set(
            LogTile.all(size: checkpoint.size).map(\.path) + ["checkpoint", MovingLines.name])
        return FolderListing.paths(below: log.url.path).filter { !expected.contains($0) }.map {
            StoreFinding(
                isDamage: false, code: "log-leftover", place: "log/\($0)",
                message: "This file is no part of the log that its checkpoint signs.",
                remedy: "Nothing to do if a writer was interrupted: the next write clears it away. "
                    + "Otherwise somebody put an older checkpoint back; run lethe audit --against "
                    + "with a saved one.")
        }
    }

    private func entries(of tile: LogTile, _ outcome: inout Outcome) -> [[UInt8]]? {
        do throws(LetheError) {
            return try log.entries(of: tile)
        } catch {
            outcome.findings.append(
                LogScan.finding("log-file-damaged", "log/\(tile)", error.message))
            return nil
        }
    }

    private func compare(_ tile: LogTile, _ expected: [TreeHash], _ outcome: inout Outcome) {
        do throws(LetheError) {
            let found = try log.hashes(of: tile)
            guard let offset = zip(found, expected).enumerated().first(where: { $1.0 != $1.1 })
            else { return }
            let position = tile.index * LogTile.fullWidth + offset.offset
            outcome.findings.append(
                LogScan.finding(
                    "log-file-damaged", "log/\(tile)",
                    "Hash \(position) of this level is not the one that the entries lead to"
                        + (tile.level == .hashes(0) ? ": entry \(position) was changed." : ".")))
        } catch {
            outcome.findings.append(
                LogScan.finding("log-file-damaged", "log/\(tile)", error.message))
        }
    }

    private static func finding(
        _ code: String, _ place: String, _ message: String
    ) -> StoreFinding {
        StoreFinding(
            code: code, place: place, message: message,
            remedy: "Restore the folder log/ from a backup or another copy of the registry.")
    }
}

extension TransparencyLog {
    /// The index of the newest entry with that hash in a log of `size` entries; nil if there is
    /// none.
    ///
    /// - Throws: `integrity` for a damaged tile.
    public func index(of leaf: TreeHash, size: Int) throws(LetheError) -> Int? {
        var end = size
        while let tile = LogTile(.hashes(0), holding: end - 1, size: size) {
            let start = tile.index * LogTile.fullWidth
            if let offset = try hashes(of: tile).lastIndex(of: leaf) { return start + offset }
            end = start
        }
        return nil
    }

    /// One entry of a log of `size` entries.
    ///
    /// - Throws: `integrity` for a damaged tile, `notFound` for an index that is not there.
    public func entry(at index: Int, size: Int) throws(LetheError) -> [UInt8] {
        guard let tile = LogTile(.entries, holding: index, size: size) else {
            throw LetheError(
                code: .notFound, message: "The log of \(size) entries has none at \(index).",
                remedy: "Name an entry that is in the log.")
        }
        return try entries(of: tile)[index % LogTile.fullWidth]
    }
}
