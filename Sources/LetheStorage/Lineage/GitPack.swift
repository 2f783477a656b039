internal import CGit2
internal import LetheRecords

/// Many git objects as one pack and its index (git `gitformat-pack`), written by libgit2.
enum GitPack {
    /// Writes a pack beside other staged files; it is part of the repository once those are durable.
    ///
    /// - Throws: `io`, `diskFull`.
    static func stage(
        _ objects: [GitObject], in repository: String, staged: StagedFiles
    ) throws(LetheError) {
        let folder = try staged.nextPath()
        try staged.files.createFolder(folder)
        try staged.files.step(.createFile, "\(folder)/pack")
        let name = try write(objects, into: folder)
        for ending in ["pack", "idx"] {
            staged.add(
                "\(folder)/pack-\(name).\(ending)",
                as: "\(repository)/objects/pack/pack-\(name).\(ending)")
        }
    }

    private static func write(
        _ objects: [GitObject], into folder: String
    ) throws(LetheError) -> String {
        let database = try ObjectMemory()
        try database.keepInMemory()
        var names: [git_oid] = []
        for object in objects { names.append(try database.add(object)) }
        var repository: OpaquePointer?
        try unsafe GitError.check(
            git_repository_wrap_odb(&repository, database.pointer), doing: "prepare a pack")
        defer { unsafe git_repository_free(repository) }
        var builder: OpaquePointer?
        try unsafe GitError.check(
            git_packbuilder_new(&builder, repository), doing: "prepare a pack")
        defer { unsafe git_packbuilder_free(builder) }
        for var name in names {
            try unsafe GitError.check(
                git_packbuilder_insert(builder, &name, nil), doing: "add to a pack")
        }
        try unsafe GitError.check(
            git_packbuilder_write(builder, folder, 0o444, nil, nil), doing: "write a pack")
        guard let name = unsafe git_packbuilder_hash(builder)?.pointee else {
            throw GitRepository.nothing
        }
        return CommitID(name).hex
    }
}

/// Git objects in memory.
@safe
private struct ObjectMemory: ~Copyable {
    let pointer: OpaquePointer

    init() throws(LetheError) {
        var database: OpaquePointer?
        try unsafe GitError.check(git_odb_new(&database), doing: "prepare a pack")
        guard let database = unsafe database else { throw GitRepository.nothing }
        unsafe pointer = database
    }

    deinit { unsafe git_odb_free(pointer) }

    /// Lets the database keep objects in memory; to be called once.
    func keepInMemory() throws(LetheError) {
        var memory: UnsafeMutablePointer<git_odb_backend>?
        try unsafe GitError.check(git_mempack_new(&memory), doing: "prepare a pack")
        // The database owns it from here.
        try unsafe GitError.check(
            git_odb_add_backend(pointer, memory, 1), doing: "prepare a pack")
    }

    /// Adds an object whose name was checked against its bytes.
    func add(_ object: GitObject) throws(LetheError) -> git_oid {
        var name = git_oid()
        let code = unsafe object.bytes.withUnsafeBytes { bytes in
            unsafe git_odb_write(
                &name, pointer, bytes.baseAddress, bytes.count,
                git_object_string2type(object.type))
        }
        try GitError.check(code, doing: "add to a pack")
        return name
    }
}
