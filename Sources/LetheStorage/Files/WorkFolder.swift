public import Foundation
public import LetheRecords

/// A folder in `tmp/` for the files of one long operation; it goes when its owner goes.
///
/// It is locked as `ScratchFolder` is, so that what a killed process left is reaped by the next one
/// and what a living process uses is not.
public final class WorkFolder {
    private let claim: FolderClaim

    /// Where the folder is.
    public var url: URL { claim.url }

    /// Makes and locks a new folder.
    ///
    /// - Throws: `io`, `diskFull`.
    public init(in layout: RegistryLayout, files: StoreFiles) throws(LetheError) {
        claim = try FolderClaim.fresh(in: layout.temporary.path, kind: "work-", files: files)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// Makes a folder in it.
    ///
    /// - Throws: `io`, `diskFull`.
    public func folder(_ name: String) throws(LetheError) -> URL {
        let folder = url.appending(path: name)
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw LetheError(
                code: .io, message: "The folder \(folder.path) cannot be made.",
                remedy: "See that the registry can be written and that the disk has room.",
                cause: error)
        }
        return folder
    }
}
