public import Foundation
internal import Glibc
public import LetheRecords

/// A folder that one process holds; it is free again when that process dies (flock(2)).
///
/// That holds across containers and machines, where process numbers do not.
public final class FolderClaim {
    /// The folder.
    public let url: URL
    private let lock: FileDescriptor

    private init(path: String, lock: consuming FileDescriptor) {
        url = URL(fileURLWithPath: path)
        self.lock = lock
    }

    /// Claims a folder, which is made if need be.
    ///
    /// - Parameter purpose: What the folder is for, for the message: "this request".
    /// - Throws: `conflict` if another process holds it; `io`, `diskFull`.
    public static func claim(
        _ url: URL, for purpose: String, files: StoreFiles
    ) throws(LetheError) -> FolderClaim {
        while true {
            try files.createFolder(url.path)
            try files.step(.lock, url.path)
            let folder = try FileDescriptor.folder(url.path)
            guard try folder.lock(waiting: false) else {
                throw LetheError(
                    code: .conflict, message: "Another process is working on \(purpose).",
                    remedy: "Wait until it is done, or stop it; then run the command again.")
            }
            // The holder before may have removed the folder between the opening and the locking.
            guard try FileStatus.of(url.path)?.inode == folder.status().inode else { continue }
            return FolderClaim(path: url.path, lock: folder)
        }
    }

    /// Makes and claims a folder with a name of its own in `parent`.
    static func fresh(
        in parent: String, kind: String, files: StoreFiles
    ) throws(LetheError) -> FolderClaim {
        while true {
            let random = String(UInt64.random(in: .min ... .max), radix: 16)
            let path = "\(parent)/\(getpid())-\(kind)\(random)"
            try files.createFolder(path)
            try files.step(.lock, path)
            let folder = try FileDescriptor.folder(path)
            // Somebody who clears up may have been faster; then this folder is gone or taken.
            guard try folder.lock(waiting: false),
                try FileStatus.of(path)?.inode == folder.status().inode
            else { continue }
            return FolderClaim(path: path, lock: folder)
        }
    }
}
