public import Foundation
public import LetheRecords
public import LetheRegistry
public import LetheStorage

/// Transfers between folders of this machine, as most tests need them.
extension Registry {
    /// Pushes to a folder with keys that it trusts.
    public func push(
        _ lines: [String] = [], to root: URL, keys: KeyFolder,
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in },
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try push(
            lines, to: .folder(root), now: TinyRegistry.now,
            keys: { (_) throws(LetheError) in keys }, beforeStep: beforeStep, progress: progress)
    }

    /// Fetches from a folder.
    public func fetch(
        _ lines: [String] = [], from root: URL, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try fetch(
            lines, from: .folder(root), keys: keys, now: TinyRegistry.now, progress: progress)
    }

    /// Clones a folder with keys that are there already.
    public static func clone(
        _ source: URL, to root: URL, pins: [String] = [], keys: KeyFolder, now: Timestamp,
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in },
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> CloneOutcome {
        try clone(
            .folder(source), to: root, pins: pins, now: now,
            makeKeys: { (_) throws(LetheError) in keys }, beforeStep: beforeStep,
            progress: progress)
    }
}
