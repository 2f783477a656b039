public import Foundation
public import LetheRecords
internal import LetheStorage

/// The folder in which a server of a registry keeps what it has promised: `server/`, of this
/// machine and no part of the lineage.
public struct ServerFolder: Sendable {
    /// The folder.
    public let url: URL
    private let files: StoreFiles

    fileprivate init(url: URL, files: StoreFiles) {
        self.url = url
        self.files = files
    }

    /// A folder below this one, which is made if need be.
    ///
    /// - Throws: `io`, `diskFull`.
    public func folder(_ name: String) throws(LetheError) -> ServerFolder {
        let below = url.appending(path: name)
        try files.makeFolder(below)
        return ServerFolder(url: below, files: files)
    }

    /// Writes a small file so that it is there after a power cut, whole, or not at all.
    ///
    /// - Throws: `io`, `diskFull`.
    public func write(_ bytes: [UInt8], to name: String) throws(LetheError) {
        try files.replaceFile(url.appending(path: name), with: bytes)
    }
}

extension Registry {
    /// The folder of a server of this registry, if there is one or it may be made.
    ///
    /// - Throws: `io` if the registry cannot be written, `diskFull`.
    public func serverFolder() throws(LetheError) -> ServerFolder {
        try storage.requireWritable()
        let url = storage.layout.root.appending(path: "server")
        try storage.files.makeFolder(url)
        return ServerFolder(url: url, files: storage.files)
    }

    /// Whether a server has kept anything here.
    public var hasServerFolder: Bool {
        FileManager.default.fileExists(
            atPath: storage.layout.root.appending(path: "server").path)
    }

    /// The registry's folder, for those who start another process on it.
    public var folder: URL { storage.layout.root }
}
