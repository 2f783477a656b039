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
            switch try lock(url.path) {
            case .held:
                throw LetheError(
                    code: .conflict, message: "Another process is working on \(purpose).",
                    remedy: "Wait until it is done, or stop it; then run the command again.")
            case .gone: continue
            case .taken(let claim): return claim
            }
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
            // Somebody who clears up may have been faster; then this folder is gone or held.
            if case .taken(let claim) = try lock(path) { return claim }
        }
    }

    private enum Outcome {
        case taken(FolderClaim)
        case held
        /// The holder before, or somebody who clears up, removed it since it was made.
        case gone
    }

    private static func lock(_ path: String) throws(LetheError) -> Outcome {
        do throws(LetheError) {
            let folder = try FileDescriptor.folder(path)
            guard try folder.lock(waiting: false) else { return .held }
            guard try FileStatus.of(path)?.inode == folder.status().inode else { return .gone }
            return .taken(FolderClaim(path: path, lock: folder))
        } catch  where error.code == .notFound {
            return .gone
        }
    }
}
