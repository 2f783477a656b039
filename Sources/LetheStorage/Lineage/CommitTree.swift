internal import CGit2
public import LetheRecords

/// The files of a commit and the git objects that hold them, read in one walk, so that a commit
/// that follows can take over what stays.
public struct CommitTree: Sendable {
    /// Every file by its path in git.
    public let files: [String: TreeFile]
    /// The names of all folders' and files' objects.
    let objects: Set<String>
}

extension Lineage {
    /// Reads which files a commit has and where git holds them; no file is read.
    public func tree(of id: CommitID) throws(LetheError) -> CommitTree {
        try using { (git) throws(LetheError) in
            var folders: Set<String> = []
            let files = try git.files(at: id, folders: &folders)
            return CommitTree(
                files: Dictionary(files.map { ($0.path, $0) }) { first, _ in first },
                objects: folders.union(files.map(\.blob)))
        }
    }
}
