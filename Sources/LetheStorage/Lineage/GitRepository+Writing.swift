internal import CGit2
internal import LetheRecords

extension GitRepository {
    /// Moves a reference, if it still points where the caller thinks: the comparison and the
    /// move happen under git's own lock of that reference, so plain git is kept out too.
    ///
    /// - Throws: `conflict` if it points elsewhere.
    func move(
        _ reference: String, from expected: CommitID?, to target: CommitID
    ) throws(LetheError) {
        var transaction: OpaquePointer?
        try unsafe GitError.check(
            git_transaction_new(&transaction, pointer), doing: "start to move \(reference)")
        defer { unsafe git_transaction_free(transaction) }
        try unsafe GitError.check(
            git_transaction_lock_ref(transaction, reference), doing: "lock \(reference)")
        let found = try self.target(of: reference)
        guard found == expected else {
            throw Lineage.conflict(reference, expected: expected, found: found)
        }
        var oid = try target.oid()
        var author: UnsafeMutablePointer<git_signature>?
        try unsafe GitError.check(
            git_signature_new(&author, "lethe", "lethe@localhost", 0, 0), doing: "name a writer")
        defer { unsafe git_signature_free(author) }
        try unsafe GitError.check(
            git_transaction_set_target(transaction, reference, &oid, author, nil),
            doing: "move \(reference)")
        try unsafe GitError.check(
            git_transaction_commit(transaction), doing: "move \(reference)")
    }
}

/// A file or folder in a folder of a tree.
struct TreeEntry {
    let name: String
    let object: String
    let isFolder: Bool
}
