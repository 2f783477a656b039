public import Foundation
public import LetheRecords
public import LetheStorage

extension Registry {
    /// Sends lines to another registry; only what it lacks travels, references move last and only
    /// forward.
    ///
    /// - Parameters:
    ///   - lines: Models by name, datasets as `datasets/<name>`; none for all.
    ///   - root: The folder of the registry that receives.
    ///   - keys: Keys that the receiving registry trusts.
    /// - Returns: what became of each line; one that failed is a result, not an error.
    /// - Throws: `refused` if the receiving registry does not trust the keys; `unsupported` if it
    ///   is of a newer format; `notFound`, `io`.
    public func push(
        _ lines: [String] = [], to root: URL, keys: KeyFolder,
        beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in },
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try refuseTransfer()
        let target = try Registry(opening: root, beforeStep: beforeStep)
        return try target.receive(
            lines, from: TransferSource(storage), keys: keys, progress: progress)
    }

    func receive(
        _ lines: [String], from source: TransferSource, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        try refuseTransfer()
        try requireWritable(by: keys)
        return try Reception(from: source, to: self, keys: keys, progress: progress).receive(lines)
    }
}
