internal import CGit2
internal import LetheRecords

extension GitRepository {
    /// Writes a small text file.
    ///
    /// - Returns: the name of the git object.
    func write(blob bytes: [UInt8]) throws(LetheError) -> String {
        var oid = git_oid()
        let code = unsafe bytes.withUnsafeBytes { buffer in
            unsafe git_blob_create_from_buffer(&oid, pointer, buffer.baseAddress, buffer.count)
        }
        try GitError.check(code, doing: "write a text file into git")
        return CommitID(oid).hex
    }

    /// Writes one folder of a tree.
    ///
    /// - Returns: the name of the git object.
    func write(tree entries: [TreeEntry]) throws(LetheError) -> String {
        var builder: OpaquePointer?
        try unsafe GitError.check(
            git_treebuilder_new(&builder, pointer, nil), doing: "start a folder in git")
        defer { unsafe git_treebuilder_free(builder) }
        for entry in entries {
            var oid = try GitRepository.oid(entry.object)
            let mode = entry.isFolder ? GIT_FILEMODE_TREE : GIT_FILEMODE_BLOB
            try unsafe GitError.check(
                git_treebuilder_insert(nil, builder, entry.name, &oid, mode),
                doing: "add \(entry.name) to a folder in git")
        }
        var oid = git_oid()
        try unsafe GitError.check(
            git_treebuilder_write(&oid, builder), doing: "write a folder into git")
        return CommitID(oid).hex
    }

    /// The bytes of a commit before it is signed.
    func commitBytes(_ draft: CommitDraft, tree: String) throws(LetheError) -> [UInt8] {
        let treeObject = try unsafe lookUp(tree: GitRepository.oid(tree))
        defer { unsafe git_tree_free(treeObject) }
        var parents: [OpaquePointer?] = unsafe []
        defer { unsafe parents.forEach { unsafe git_commit_free($0) } }
        for id in draft.parents {
            try unsafe parents.append(lookUp(id))
        }
        var author: UnsafeMutablePointer<git_signature>?
        try unsafe GitError.check(
            git_signature_new(
                &author, draft.author.name, draft.author.email, draft.secondsSince1970, 0),
            doing: "name the author of a commit")
        defer { unsafe git_signature_free(author) }
        var buffer = unsafe git_buf()
        let code = unsafe parents.withUnsafeMutableBufferPointer { list in
            unsafe git_commit_create_buffer(
                &buffer, pointer, author, author, nil, draft.message, treeObject, list.count,
                list.baseAddress)
        }
        try GitError.check(code, doing: "prepare a commit")
        defer { unsafe git_buf_dispose(&buffer) }
        return unsafe GitRepository.bytes(of: buffer)
    }

    /// Writes a signed commit; no reference points at it yet.
    func write(commit bytes: [UInt8], signature: String) throws(LetheError) -> CommitID {
        var oid = git_oid()
        let text = String(decoding: bytes, as: UTF8.self)
        try unsafe GitError.check(
            git_commit_create_with_signature(&oid, pointer, text, signature, "gpgsig"),
            doing: "write a commit")
        return CommitID(oid)
    }

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
