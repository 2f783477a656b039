public import Foundation
public import LetheRecords

extension RegistryStorage {
    /// Refuses to go on if the registry cannot be written; asked before long work begins.
    ///
    /// - Throws: `io` with the reason.
    public func requireWritable() throws(LetheError) {
        if isReadOnly { throw SystemError.readOnly(layout.root.path) }
    }

    /// Does something while no other process does anything under the same name; waits for its turn.
    ///
    /// - Throws: `io`; what `body` throws.
    public func exclusively(
        _ name: String, _ body: () throws(LetheError) -> Void
    ) throws(LetheError) {
        let lock = try NamedLock(layout.locks.appending(path: name).path, files: files)
        try body()
        lock.finish()
    }
}

extension StoreFiles {
    /// Removes files for good: when this returns, not even a power cut brings them back.
    ///
    /// - Parameter urls: The files; a missing one is fine.
    /// - Throws: `io`; what was removed by then is gone.
    public func removeFiles(_ urls: [URL]) throws(LetheError) {
        for url in urls { try remove(url.path) }
        let folders = Set(urls.map { $0.deletingLastPathComponent().path })
        for folder in folders.sorted() { try syncFolder(folder) }
    }

    /// Makes a folder in the registry, if it is not there.
    ///
    /// - Throws: `io`, `diskFull`.
    public func makeFolder(_ url: URL) throws(LetheError) {
        try createFolder(url.path)
    }

    /// Makes a folder outside any registry, with those above it, if it is not there.
    ///
    /// - Throws: `io`.
    public func makeFolders(_ url: URL) throws(LetheError) {
        do {
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        } catch {
            throw LetheError(
                code: .io, message: "The folder \(url.path) cannot be made.",
                remedy: "Name a folder that you may write.", cause: error)
        }
    }

    /// Does something while no other process does anything under the same lock file; waits for its
    /// turn.
    ///
    /// - Throws: `io`; what `body` throws.
    public func exclusively(
        at lockFile: URL, _ body: () throws(LetheError) -> Void
    ) throws(LetheError) {
        let lock = try NamedLock(lockFile.path, files: self)
        try body()
        lock.finish()
    }
}
