public import Foundation
public import LetheRecords
internal import LetheStorage

extension Registry {
    /// Takes lines from another registry; only what is lacking here travels, references move last
    /// and only forward.
    ///
    /// - Parameters:
    ///   - lines: Models by name, datasets as `datasets/<name>`; none for all.
    ///   - root: The folder of the registry that is read.
    ///   - keys: Keys that this registry trusts.
    /// - Returns: what became of each line; one that failed is a result, not an error.
    /// - Throws: `refused` if this registry does not trust the keys; `unsupported` if the other is
    ///   of a newer format; `notFound`, `io`.
    public func fetch(
        _ lines: [String] = [], from root: URL, keys: KeyFolder,
        progress: @escaping ProgressHandler
    ) throws(LetheError) -> TransferReport {
        let source = try RegistrySource(root)
        return try receive(
            lines, from: TransferSource(source.storage), keys: keys, progress: progress)
    }
}
