internal import LetheRecords

/// What the bytes of a commit say (git `gitformat-commit`), read without libgit2, because they
/// come from outside.
struct ReceivedCommit {
    let tree: String
    let parents: [CommitID]
    let signature: CommitSignature?

    /// Reads a commit: `tree`, any number of `parent`, `author`, `committer`, further headers, an
    /// empty line, the message.
    ///
    /// - Throws: `malformed`.
    init(_ object: GitObject) throws(LetheError) {
        var reader = HeaderReader(object.bytes)
        guard object.type == "commit", let tree = reader.value(of: "tree").flatMap(CommitID.init)
        else { throw Self.malformed(object.name) }
        var parents: [CommitID] = []
        while let text = reader.value(of: "parent") {
            guard let parent = CommitID(text) else { throw Self.malformed(object.name) }
            parents.append(parent)
        }
        guard reader.value(of: "author") != nil, reader.value(of: "committer") != nil else {
            throw Self.malformed(object.name)
        }
        self.tree = tree.hex
        self.parents = parents
        let begin = reader.position
        signature = reader.value(of: "gpgsig").map { first in
            let text = ([first] + reader.continuationLines()).joined(separator: "\n")
            return CommitSignature(
                text: text + "\n",
                signedBytes: Array(object.bytes[..<begin] + object.bytes[reader.position...]))
        }
        guard reader.isAtMessage else { throw Self.malformed(object.name) }
    }

    private static func malformed(_ name: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The commit \(name) is not in the form that Lethe writes.",
            remedy: "Run lethe fsck in the registry that it comes from.")
    }
}

/// Reads header lines one after the other.
private struct HeaderReader {
    private let bytes: [UInt8]
    private(set) var position = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Whether the headers are over: an empty line is next.
    var isAtMessage: Bool { bytes[position...].first == UInt8(ascii: "\n") }

    /// The value of the next line if it has that key.
    mutating func value(of key: String) -> String? { line(after: key + " ") }

    /// The lines that begin with a space, without it.
    mutating func continuationLines() -> [String] {
        var lines: [String] = []
        while let line = line(after: " ") { lines.append(line) }
        return lines
    }

    private mutating func line(after prefix: String) -> String? {
        let rest = bytes[position...]
        guard rest.starts(with: prefix.utf8), let end = rest.firstIndex(of: UInt8(ascii: "\n"))
        else { return nil }
        position = end + 1
        return String(
            validating: rest[(rest.startIndex + prefix.utf8.count)..<end], as: UTF8.self)
    }
}

/// What the bytes of a tree say (git `gitformat-tree`).
enum ReceivedTree {
    /// Reads a tree: folders and ordinary files under safe names, each once, in git's order.
    ///
    /// - Throws: `refused` for links, submodules and unsafe names, `malformed` for anything else
    ///   that Lethe does not write.
    static func entries(_ object: GitObject) throws(LetheError) -> [TreeEntry] {
        guard object.type == "tree" else { throw malformed(object.name) }
        var entries: [TreeEntry] = []
        var rest = object.bytes[...]
        while !rest.isEmpty {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")),
                let end = rest[space...].firstIndex(of: 0), rest.endIndex - end > 20,
                let name = String(validating: rest[(space + 1)..<end], as: UTF8.self)
            else { throw malformed(object.name) }
            let isFolder = try isFolder(String(decoding: rest[..<space], as: UTF8.self), name)
            _ = try TreePath(name)
            let id = CommitID(rawBytes: Array(rest[(end + 1)...(end + 20)]))
            entries.append(TreeEntry(name: name, object: id.hex, isFolder: isFolder))
            rest = rest[(end + 21)...]
        }
        guard Set(entries.map(\.name)).count == entries.count, isOrdered(entries) else {
            throw malformed(object.name)
        }
        return entries
    }

    private static func isFolder(_ mode: String, _ name: String) throws(LetheError) -> Bool {
        switch mode {
        case "40000": return true
        case "100644": return false
        default:
            throw LetheError(
                code: .refused,
                message: "\"\(name.prefix(80))\" is no ordinary file (mode \(mode.prefix(8))).",
                remedy: "Lethe writes ordinary files only; somebody changed that history.")
        }
    }

    /// git compares the bytes of the names, as if the name of a folder ended in `/`.
    private static func isOrdered(_ entries: [TreeEntry]) -> Bool {
        let keys = entries.map { Array(($0.isFolder ? $0.name + "/" : $0.name).utf8) }
        return zip(keys, keys.dropFirst()).allSatisfy { $0.lexicographicallyPrecedes($1) }
    }

    private static func malformed(_ name: String) -> LetheError {
        LetheError(
            code: .malformed, message: "The folder \(name) is not in the form that Lethe writes.",
            remedy: "Run lethe fsck in the registry that it comes from.")
    }
}
