public import Foundation
public import LetheRecords

extension RegistryStorage {
    /// Refuses to go on if the registry cannot be written; asked before long work begins.
    ///
    /// - Throws: `io` with the reason.
    public func requireWritable() throws(LetheError) {
        if isReadOnly { throw SystemError.readOnly(layout.root.path) }
    }
}

extension StoreFiles {
    /// Makes a folder in the registry, if it is not there.
    ///
    /// - Throws: `io`, `diskFull`.
    public func makeFolder(_ url: URL) throws(LetheError) {
        try createFolder(url.path)
    }
}
