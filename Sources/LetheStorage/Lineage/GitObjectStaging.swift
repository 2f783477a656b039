internal import LetheRecords

/// Names the git objects of one commit and stages those that are new.
///
/// libgit2 would sync every file and its folder one by one. An object that is there already is
/// written again: what is there may be torn, or not durable yet, and a rename replaces it whole.
struct GitObjectStaging {
    /// Objects that are durable because a reference reaches them.
    let known: Set<String>
    /// Where the others go.
    let staged: StagedGitObjects

    /// Stages an object.
    ///
    /// - Returns: its name.
    func put(_ bytes: [UInt8], type: String) throws(LetheError) -> String {
        let name = try LooseObject.digest(of: bytes, type: type)
        if !known.contains(name) { try staged.add(name, type: type, bytes) }
        return name
    }

    /// Stages one folder of a tree (git `gitformat-tree`).
    ///
    /// - Returns: its name.
    func put(tree entries: [TreeEntry]) throws(LetheError) -> String {
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
