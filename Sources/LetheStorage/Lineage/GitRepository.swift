internal import CGit2
internal import LetheRecords

/// An open libgit2 repository, freed when it goes out of scope.
///
/// One thread at a time: `Lineage` keeps it in a mutex. Every method copies what it finds into
/// values; no pointer leaves the `GitRepository` files.
@safe
struct GitRepository: ~Copyable {
    let pointer: OpaquePointer
    let path: String

    /// libgit2 is set up once for the whole process.
    private static let setUp: CInt = {
        guard git_libgit2_init() > 0 else { return -1 }
        let levels = [
            GIT_CONFIG_LEVEL_SYSTEM, GIT_CONFIG_LEVEL_XDG, GIT_CONFIG_LEVEL_GLOBAL,
            GIT_CONFIG_LEVEL_PROGRAMDATA,
        ]
        let codes = levels.map { lethe_git_ignore_configuration($0.rawValue) }
        let more = [
            lethe_git_sync_everything(), lethe_git_allow_other_owners(), lethe_git_limit_memory(),
        ]
        return (codes + more).min() ?? 0
    }()

    /// Opens a bare repository.
    init(opening path: String) throws(LetheError) {
        try GitError.check(Self.setUp, doing: "start libgit2")
        var opened: OpaquePointer?
        try unsafe GitError.check(
            git_repository_open_bare(&opened, path), doing: "open the lineage \(path)")
        guard let opened = unsafe opened else { throw GitRepository.nothing }
        unsafe pointer = opened
        self.path = path
    }

    /// Makes an empty bare repository.
    static func create(at path: String) throws(LetheError) {
        try GitError.check(setUp, doing: "start libgit2")
        var options = unsafe git_repository_init_options()
        try unsafe GitError.check(
            git_repository_init_options_init(
                &options, UInt32(GIT_REPOSITORY_INIT_OPTIONS_VERSION)),
            doing: "make the lineage \(path)")
        unsafe options.flags =
            GIT_REPOSITORY_INIT_BARE.rawValue | GIT_REPOSITORY_INIT_MKDIR.rawValue
            | GIT_REPOSITORY_INIT_NO_REINIT.rawValue
        var made: OpaquePointer?
        try unsafe GitError.check(
            git_repository_init_ext(&made, path, &options), doing: "make the lineage \(path)")
        unsafe git_repository_free(made)
    }

    deinit { unsafe git_repository_free(pointer) }

    /// What is thrown where libgit2 reports success and hands over nothing.
    static var nothing: LetheError {
        LetheError(code: .io, message: "libgit2 handed over nothing.")
    }

    /// The commit that a reference points at; nil if there is no such reference.
    func target(of reference: String) throws(LetheError) -> CommitID? {
        var id = git_oid()
        let code = unsafe git_reference_name_to_id(&id, pointer, reference)
        if code == GIT_ENOTFOUND.rawValue { return nil }
        guard code == 0 else { throw GitRepository.damaged(reference) }
        return CommitID(id)
    }

    static func damaged(_ reference: String) -> LetheError {
        LetheError(
            code: .integrity, message: "The reference \(reference) is damaged.",
            remedy: "git fsck --lost-found in lineage.git lists the commits that nothing points "
                + "at; write the right one into the reference with git update-ref.")
    }

    /// The full names of all references, in order; damaged ones too, which libgit2 leaves out.
    func referenceNames() throws(LetheError) -> [String] {
        var list = unsafe git_strarray()
        try unsafe GitError.check(git_reference_list(&list, pointer), doing: "list references")
        defer { unsafe git_strarray_dispose(&list) }
        var names = Set(FolderListing.paths(below: path + "/refs").map { "refs/\($0)" })
        names = names.filter { !$0.hasSuffix(".lock") }
        let count = unsafe list.count
        for index in 0..<count {
            if let name = unsafe list.strings[index] { unsafe names.insert(String(cString: name)) }
        }
        return names.sorted()
    }

    /// Reads a commit.
    func commit(_ id: CommitID) throws(LetheError) -> LineageCommit {
        let commit = try unsafe lookUp(id)
        defer { unsafe git_commit_free(commit) }
        var parents: [CommitID] = []
        let parentCount = unsafe git_commit_parentcount(commit)
        for index in 0..<parentCount {
            guard let parent = unsafe git_commit_parent_id(commit, index) else {
                throw GitRepository.nothing
            }
            unsafe parents.append(CommitID(parent.pointee))
        }
        guard let message = unsafe git_commit_message(commit),
            let author = unsafe git_commit_author(commit)
        else { throw GitRepository.nothing }
        return unsafe LineageCommit(
            id: id, parents: parents, message: String(cString: message),
            author: CommitAuthor(
                name: String(cString: author.pointee.name),
                email: String(cString: author.pointee.email)),
            secondsSince1970: author.pointee.when.time)
    }

    /// The signature of a commit; nil if it has none.
    func signature(of id: CommitID) throws(LetheError) -> CommitSignature? {
        try LooseObject.verify(id.hex, in: path)
        var oid = try id.oid()
        var signature = unsafe git_buf()
        var signed = unsafe git_buf()
        let code = unsafe git_commit_extract_signature(&signature, &signed, pointer, &oid, nil)
        if code == GIT_ENOTFOUND.rawValue, try exists(id) { return nil }
        try GitError.check(code, doing: "read the signature of \(id)")
        defer {
            unsafe git_buf_dispose(&signature)
            unsafe git_buf_dispose(&signed)
        }
        return unsafe CommitSignature(
            text: String(decoding: GitRepository.bytes(of: signature), as: UTF8.self),
            signedBytes: GitRepository.bytes(of: signed))
    }

    /// Whether the object database has an object of that name.
    func exists(_ id: CommitID) throws(LetheError) -> Bool {
        var database: OpaquePointer?
        try unsafe GitError.check(
            git_repository_odb(&database, pointer), doing: "open the git objects")
        defer { unsafe git_odb_free(database) }
        var oid = try id.oid()
        return unsafe git_odb_exists(database, &oid) == 1
    }

    /// Every file in the tree of a commit, in git's order.
    func files(at id: CommitID) throws(LetheError) -> [TreeFile] {
        var folders: Set<String> = []
        return try files(at: id, folders: &folders)
    }

    /// Every file in the tree of a commit, in git's order, and the names of all folders' objects.
    func files(at id: CommitID, folders: inout Set<String>) throws(LetheError) -> [TreeFile] {
        let commit = try unsafe lookUp(id)
        defer { unsafe git_commit_free(commit) }
        guard let root = unsafe git_commit_tree_id(commit)?.pointee else {
            throw GitRepository.nothing
        }
        var files: [TreeFile] = []
        try collect(root, prefix: "", depth: 0, into: &files, &folders)
        return files
    }

    /// The file at a path in the tree of a commit; nil if there is none.
    func file(at path: TreePath, of id: CommitID) throws(LetheError) -> TreeFile? {
        let commit = try unsafe lookUp(id)
        defer { unsafe git_commit_free(commit) }
        guard var next = unsafe git_commit_tree_id(commit)?.pointee else {
            throw GitRepository.nothing
        }
        var mode = GIT_FILEMODE_TREE
        for name in path.components {
            guard mode == GIT_FILEMODE_TREE else { return nil }
            let tree = try unsafe lookUp(tree: next)
            defer { unsafe git_tree_free(tree) }
            guard let entry = unsafe git_tree_entry_byname(tree, name),
                let oid = unsafe git_tree_entry_id(entry)?.pointee
            else { return nil }
            next = oid
            mode = unsafe git_tree_entry_filemode(entry)
        }
        guard mode != GIT_FILEMODE_TREE else { return nil }
        return TreeFile(path: path.description, blob: CommitID(next).hex, mode: mode)
    }

    /// The bytes of a blob.
    ///
    /// - Throws: `malformed` above `limitBytes`; git holds small text only.
    func blob(_ name: String, limitBytes: Int) throws(LetheError) -> [UInt8] {
        try LooseObject.verify(name, in: path)
        var oid = try GitRepository.oid(name)
        var blob: OpaquePointer?
        try unsafe GitError.check(
            git_blob_lookup(&blob, pointer, &oid), doing: "read the git object \(name)")
        defer { unsafe git_blob_free(blob) }
        let sizeBytes = unsafe Int(git_blob_rawsize(blob))
        guard sizeBytes <= limitBytes else { throw Lineage.tooLarge(name, sizeBytes) }
        guard let content = unsafe git_blob_rawcontent(blob) else { return [] }
        return unsafe Array(UnsafeRawBufferPointer(start: content, count: sizeBytes))
    }

    func lookUp(_ id: CommitID) throws(LetheError) -> OpaquePointer {
        try LooseObject.verify(id.hex, in: path)
        var oid = try id.oid()
        var commit: OpaquePointer?
        try unsafe GitError.check(
            git_commit_lookup(&commit, pointer, &oid), doing: "read the commit \(id)")
        guard let commit = unsafe commit else { throw GitRepository.nothing }
        return unsafe commit
    }

    private func collect(
        _ tree: git_oid, prefix: String, depth: Int, into files: inout [TreeFile],
        _ folders: inout Set<String>
    ) throws(LetheError) {
        guard depth < 32 else {
            throw LetheError(code: .malformed, message: "The folders below \(prefix) are too deep.")
        }
        folders.insert(CommitID(tree).hex)
        let tree = try unsafe lookUp(tree: tree)
        defer { unsafe git_tree_free(tree) }
        let count = unsafe git_tree_entrycount(tree)
        for index in 0..<count {
            guard let entry = unsafe git_tree_entry_byindex(tree, index),
                let name = unsafe git_tree_entry_name(entry),
                let oid = unsafe git_tree_entry_id(entry)?.pointee
            else { throw GitRepository.nothing }
            let path = unsafe prefix + String(cString: name)
            let mode = unsafe git_tree_entry_filemode(entry)
            if mode == GIT_FILEMODE_TREE {
                try collect(oid, prefix: path + "/", depth: depth + 1, into: &files, &folders)
            } else {
                files.append(TreeFile(path: path, blob: CommitID(oid).hex, mode: mode))
            }
        }
    }

    func lookUp(tree id: git_oid) throws(LetheError) -> OpaquePointer {
        try LooseObject.verify(CommitID(id).hex, in: path)
        var oid = id
        var tree: OpaquePointer?
        try unsafe GitError.check(
            git_tree_lookup(&tree, pointer, &oid), doing: "read the folder \(CommitID(id))")
        guard let tree = unsafe tree else { throw GitRepository.nothing }
        return unsafe tree
    }

    static func bytes(of buffer: git_buf) -> [UInt8] {
        unsafe Array(UnsafeRawBufferPointer(start: buffer.ptr, count: buffer.size))
    }

    static func oid(_ hex: String) throws(LetheError) -> git_oid {
        var oid = git_oid()
        try unsafe GitError.check(git_oid_fromstr(&oid, hex), doing: "read the name \(hex)")
        return oid
    }
}

extension TreeFile {
    init(path: String, blob: String, mode: git_filemode_t) {
        self.init(
            path: path, blob: blob,
            isOrdinary: mode == GIT_FILEMODE_BLOB || mode == GIT_FILEMODE_BLOB_EXECUTABLE)
    }
}

extension CommitID {
    /// Copies libgit2's form.
    init(_ oid: git_oid) {
        let bytes = unsafe withUnsafeBytes(of: oid.id) { unsafe Array($0) }
        self.init(rawBytes: bytes)
    }

    func oid() throws(LetheError) -> git_oid { try GitRepository.oid(hex) }
}
