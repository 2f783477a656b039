internal import Foundation
internal import Glibc
internal import LetheRecords

/// A folder in `tmp/` for files that have no name yet; it belongs to one writer.
///
/// The folder itself is locked (flock(2)) for as long as the writer lives, so whoever can take the
/// lock knows that the owner is dead and may clear it away. That holds across containers and
/// machines, where process numbers do not; the number in the name is for people.
final class ScratchFolder {
    let path: String
    private let files: StoreFiles
    private let lock: FileDescriptor
    private var count = 0

    /// Makes and locks a new folder in `parent`.
    init(in parent: String, files: StoreFiles) throws(LetheError) {
        self.files = files
        while true {
            let random = String(UInt64.random(in: .min ... .max), radix: 16)
            let path = "\(parent)/\(getpid())-\(random)"
            try files.createFolder(path)
            try files.step(.lock, path)
            guard let folder = try ScratchFolder.claim(path) else { continue }
            self.path = path
            lock = folder
            return
        }
    }

    deinit { ScratchFolder.clear(path) }

    /// Locks a new folder; nil if somebody who clears up was faster, and it is gone or taken.
    static func claim(_ path: String) throws(LetheError) -> FileDescriptor? {
        do throws(LetheError) {
            let folder = try FileDescriptor.folder(path)
            guard try folder.lock(waiting: false),
                try FileStatus.of(path)?.inode == folder.status().inode
            else { return nil }
            return folder
        } catch  where error.code == .notFound {
            return nil
        }
    }

    /// A path for the next file.
    func nextPath() -> String {
        count += 1
        return "\(path)/\(count)"
    }

    /// The folders in `parent` whose owner is dead.
    static func abandoned(in parent: String) throws(LetheError) -> [String] {
        var found: [String] = []
        for name in FolderListing.names(in: parent) {
            let path = "\(parent)/\(name)"
            guard try FileStatus.of(path)?.isFolder == true else {
                found.append(path)
                continue
            }
            if let folder = try? FileDescriptor.folder(path), try folder.lock(waiting: false) {
                found.append(path)
            }
        }
        return found
    }

    /// Removes the folders in `parent` whose owner is dead.
    static func reap(in parent: String) throws(LetheError) {
        for name in FolderListing.names(in: parent) {
            let path = "\(parent)/\(name)"
            guard try FileStatus.of(path)?.isFolder == true else {
                _ = unsafe unlink(path)
                continue
            }
            // The lock is held while clearing, so that two that clear up do not meet.
            guard let folder = try? FileDescriptor.folder(path), try folder.lock(waiting: false)
            else { continue }
            clear(path)
        }
    }

    private static func clear(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }
}

/// The names in a folder.
enum FolderListing {
    /// The names in a folder in order; none if it cannot be listed.
    static func names(in path: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
    }

    /// The paths of the files below a folder, relative to it, in no order.
    static func paths(below path: String) -> [String] {
        var paths: [String] = []
        let found = FileManager.default.enumerator(atPath: path)
        while let name = found?.nextObject() as? String {
            if (try? FileStatus.of("\(path)/\(name)"))??.isFolder == false { paths.append(name) }
        }
        return paths
    }
}
