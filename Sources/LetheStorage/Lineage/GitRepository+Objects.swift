internal import CGit2
internal import LetheRecords

extension GitRepository {
    /// Reads an object and checks its name.
    ///
    /// - Throws: `integrity` if it is missing, damaged or longer than any of Lethe's.
    func object(_ name: String) throws(LetheError) -> GitObject {
        if let loose = try LooseObject.read(name, in: path) { return loose }
        var database: OpaquePointer?
        try unsafe GitError.check(
            git_repository_odb(&database, pointer), doing: "open the git objects")
        defer { unsafe git_odb_free(database) }
        var oid = try GitRepository.oid(name)
        var found: OpaquePointer?
        let code = unsafe git_odb_read(&found, database, &oid)
        guard code != GIT_ENOTFOUND.rawValue else { throw lost(name, "is missing") }
        try GitError.check(code, doing: "read the git object \(name)")
        defer { unsafe git_odb_object_free(found) }
        let sizeBytes = unsafe git_odb_object_size(found)
        guard sizeBytes <= LooseObject.limitBytes, let data = unsafe git_odb_object_data(found),
            let type = unsafe git_object_type2string(git_odb_object_type(found))
        else { throw lost(name, "is none of Lethe's") }
        let object = unsafe GitObject(
            name: name, type: String(cString: type),
            bytes: Array(UnsafeRawBufferPointer(start: data, count: sizeBytes)))
        guard try LooseObject.digest(of: object.bytes, type: object.type) == name else {
            throw lost(name, "is damaged")
        }
        return object
    }

    private func lost(_ name: String, _ what: String) -> LetheError {
        LetheError(
            code: .integrity, message: "The git object \(name) in \(path) \(what).",
            remedy: "Run lethe fsck there; restore the git object from another copy.")
    }
}
