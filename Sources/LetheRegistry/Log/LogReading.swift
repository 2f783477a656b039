public import LetheRecords
internal import LetheStorage

/// The log as its signed checkpoint has it.
public struct LogState: Sendable {
    /// Name, size and root.
    public let checkpoint: Checkpoint
    /// The signed note, byte for byte.
    public let note: [UInt8]
}

/// One entry of the log.
public struct LoggedEntry: Sendable {
    /// What an entry is about.
    public enum Subject: Sendable {
        /// A step of a line.
        case line(LogLeaf)
        /// A judgement that was announced, or that failed.
        case judgement(JudgementEntry)
    }

    /// Where it is, from 0.
    public let index: Int
    /// Its bytes, as the log has them.
    public let bytes: [UInt8]
    /// What it is about.
    public let subject: Subject
}

extension Registry {
    /// The newest checkpoint, after checking that a trusted operator signed it.
    ///
    /// - Throws: as `checkpoint`.
    public func logState() throws(LetheError) -> LogState {
        let note = try checkpoint()
        return LogState(checkpoint: try openCheckpoint(note), note: note)
    }

    /// Entries of the log in order; indices that it does not have are left out.
    ///
    /// - Throws: `integrity` for a damaged tile, `malformed` for an entry that Lethe does not write.
    public func logEntries(
        _ indices: Range<Int>, in state: LogState
    ) throws(LetheError) -> [LoggedEntry] {
        let size = state.checkpoint.size
        var entries: [LoggedEntry] = []
        var tile: (tile: LogTile, entries: [[UInt8]])?
        for index in indices.clamped(to: 0..<size) {
            guard let wanted = LogTile(.entries, holding: index, size: size) else { break }
            if tile?.tile != wanted { tile = (wanted, try storage.log.entries(of: wanted)) }
            guard let bytes = tile?.entries[index % LogTile.fullWidth] else { break }
            entries.append(
                LoggedEntry(index: index, bytes: bytes, subject: try Self.subject(of: bytes)))
        }
        return entries
    }

    /// The hashes beside an entry's way to the checkpoint's root, its sibling first (RFC 6962
    /// section 2.1.1), after checking that they lead there.
    ///
    /// - Throws: `integrity` if they do not, or for a damaged tile.
    public func inclusionPath(
        of entry: LoggedEntry, in state: LogState
    ) throws(LetheError) -> [TreeHash] {
        let (size, root) = (state.checkpoint.size, state.checkpoint.root)
        let path = try storage.log.reading(size: size).inclusionPath(of: entry.index, in: size)
        guard
            TreeProofs.isIncluded(
                .leaf(entry.bytes), at: entry.index, in: size, root: root, path: path)
        else {
            throw LetheError(
                code: .integrity,
                message: "The entry \(entry.index) is not in the log that its checkpoint signs.",
                remedy: "Run lethe audit.")
        }
        return path
    }

    private static func subject(of entry: [UInt8]) throws(LetheError) -> LoggedEntry.Subject {
        JudgementEntry.claims(entry)
            ? .judgement(try JudgementEntry.read(canonical: entry))
            : .line(try LogLeaf.read(canonical: entry))
    }
}
