internal import Foundation
internal import Glibc
internal import LetheRecords

/// A folder in `tmp/` for files that have no name yet; it belongs to one writer.
///
/// The folder is claimed for as long as the writer lives, so whoever can take the lock knows that
/// the owner is dead and may clear it away. The number in the name is for people.
final class ScratchFolder {
    private let claim: FolderClaim
    private var count = 0

    var path: String { claim.url.path }

    /// Makes and locks a new folder in `parent`.
    init(in parent: String, files: StoreFiles) throws(LetheError) {
        claim = try FolderClaim.fresh(in: parent, kind: "", files: files)
    }

    deinit { ScratchFolder.clear(path) }

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
