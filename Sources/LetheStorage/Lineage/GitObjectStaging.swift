internal import LetheRecords

/// Stages git objects as loose files (git `gitformat-loose`), to become durable with other files.
///
/// libgit2 would sync every file and its folder one by one. An object that is there already is
/// written again: what is there may be torn, or not durable yet, and a rename replaces it whole.
struct GitObjectStaging {
    /// The folder of the repository.
    let repository: String
    let staged: StagedFiles
    /// Objects that are durable because a reference reaches them.
    let known: Set<String>
    private var names: Set<String> = []

    init(repository: String, staged: StagedFiles, known: Set<String>) {
        self.repository = repository
        self.staged = staged
        self.known = known
    }

    /// Stages an object.
    ///
    /// - Returns: its name.
    mutating func put(_ bytes: [UInt8], type: String) throws(LetheError) -> String {
        let name = try LooseObject.digest(of: bytes, type: type)
        if known.contains(name) || !names.insert(name).inserted { return name }
        let object = GitObject(name: name, type: type, bytes: bytes)
        try staged.write(
            object.looseFile(), to: LooseObject.path(of: name, in: repository), mode: 0o444)
        return name
    }

    /// Stages one folder of a tree (git `gitformat-tree`).
    ///
    /// - Returns: its name.
    mutating func put(tree entries: [TreeEntry]) throws(LetheError) -> String {
        // git compares the bytes of the names, as if the name of a folder ended in `/`.
        let ordered = entries.map { (Array(($0.isFolder ? $0.name + "/" : $0.name).utf8), $0) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        var bytes: [UInt8] = []
        for (_, entry) in ordered {
            bytes += "\(entry.isFolder ? "40000" : "100644") \(entry.name)\0".utf8
            bytes += Hex.decode(entry.object) ?? []
        }
        return try put(bytes, type: "tree")
    }
}

extension CommitDraft {
    /// The bytes of the commit before it is signed (git `gitformat-commit`).
    func unsignedBytes(tree: String) throws(LetheError) -> [UInt8] {
        guard !author.name.isEmpty, !author.email.isEmpty else {
            throw LetheError(
                code: .invalidArgument, message: "A commit needs an author with a mail address.")
        }
        let signature = "\(author.name) <\(author.email)> \(secondsSince1970) +0000"
        let lines =
            ["tree \(tree)"] + parents.map { "parent \($0)" }
            + ["author \(signature)", "committer \(signature)", "", message]
        return Array(lines.joined(separator: "\n").utf8)
    }

    /// The bytes of a commit with its signature as the last header.
    static func signed(_ bytes: [UInt8], with signature: String) -> [UInt8] {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.firstRange(of: "\n\n") else { return bytes }
        let header = "gpgsig \(signature.replacing("\n", with: "\n "))"
        return Array("\(text[..<end.lowerBound])\n\(header)\(text[end.lowerBound...])".utf8)
    }
}
