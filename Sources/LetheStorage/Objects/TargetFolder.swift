public import Foundation
public import LetheRecords

/// A folder outside the store that files are written into, and never out of.
///
/// Paths come from records of other people: `..`, absolute paths and reserved names are refused by
/// `TreePath`, and no symbolic link on the way is followed. A file gets its name only when all its
/// bytes are verified.
public struct TargetFolder: Sendable {
    /// The folder.
    public let url: URL

    /// Takes an existing folder; links in the path that the person typed are followed.
    public init(_ url: URL) {
        self.url = url.resolvingSymlinksInPath()
    }

    /// Writes a file of the store, verifying every part and the whole.
    ///
    /// - Throws: `integrity` if the bytes do not match, `refused` for a path that leaves the
    ///   folder; the file that was there is untouched then.
    public func write(
        _ file: StoredFile, from store: ObjectStore, to path: TreePath,
        onBytes: (Int) -> Void = { _ in }
    ) throws(LetheError) {
        try write(to: path) { (target) throws(LetheError) in
            guard file.sizeBytes < IntakePipeline.worthwhileFromBytes else {
                return try store.copy(file, to: target, onBytes: onBytes)
            }
            try store.stream(file) { (piece) throws(LetheError) in
                try target.file.write(piece)
                onBytes(piece.count)
            }
        }
    }

    /// Writes a copy of a file that is in no store.
    ///
    /// - Throws: `integrity` if it has another digest or length, or is no file; `refused` for a path
    ///   that leaves the folder; `notFound`.
    public func write(
        _ digest: Digest, sizeBytes: Int, from url: URL, to path: TreePath
    ) throws(LetheError) {
        // Looked at before it is opened: opening a pipe waits for somebody who writes.
        guard let status = try FileStatus.of(url.path), status.isRegular,
            status.sizeBytes == sizeBytes
        else {
            throw LetheError(
                code: .integrity, message: "\(url.path) is no file of \(sizeBytes) bytes.")
        }
        try write(to: path) { (target) throws(LetheError) in
            try ObjectStore.stream(digest, at: url.path) { (piece) throws(LetheError) in
                try target.file.write(piece)
            }
        }
    }

    /// Writes bytes.
    ///
    /// - Throws: `io`, `refused`; the file that was there is untouched then.
    public func write(_ bytes: [UInt8], to path: TreePath) throws(LetheError) {
        try write(to: path) { (target) throws(LetheError) in try target.file.write(bytes) }
    }

    private func write(
        to path: TreePath, _ fill: (OpenFile) throws(LetheError) -> Void
    ) throws(LetheError) {
        let folder = try openFolder(path.components.dropLast())
        let name = path.name
        let temporary = ".lethe-\(UInt64.random(in: .min ... .max)).tmp"
        do throws(LetheError) {
            let target = OpenFile(try folder.creating(named: temporary, mode: 0o644))
            try fill(target)
            try folder.rename(temporary, to: name)
        } catch {
            folder.remove(named: temporary)
            throw error
        }
    }

    private func openFolder(
        _ components: some Sequence<String>
    ) throws(LetheError) -> FileDescriptor {
        var folder = try FileDescriptor.folder(url.path)
        for name in components {
            try folder.makeFolder(named: name)
            folder = try folder.folder(named: name)
        }
        return folder
    }
}

extension ObjectStore {
    /// Writes a stored file to a path of the caller's choice, verifying every part and the whole.
    ///
    /// - Throws: as `TargetFolder.write`.
    public func materialise(
        _ file: StoredFile, to url: URL, onBytes: (Int) -> Void = { _ in }
    ) throws(LetheError) {
        try TargetFolder(url.deletingLastPathComponent())
            .write(file, from: self, to: TreePath(url.lastPathComponent), onBytes: onBytes)
    }
}
