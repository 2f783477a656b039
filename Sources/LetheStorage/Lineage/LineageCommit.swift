public import LetheRecords

/// A commit, copied out of git into a value.
public struct LineageCommit: Sendable, Hashable {
    /// The commit's name.
    public let id: CommitID
    /// The commits it follows; the first is the line it belongs to.
    public let parents: [CommitID]
    /// The whole message.
    public let message: String
    /// Who made it.
    public let author: CommitAuthor
    /// When, in seconds since 1970 (UTC).
    public let secondsSince1970: Int64

    /// The first line of the message.
    public var summary: String {
        message.split(separator: "\n", maxSplits: 1).first.map(String.init) ?? ""
    }
}

/// Who made a commit.
public struct CommitAuthor: Sendable, Hashable {
    /// The name.
    public let name: String
    /// The mail address.
    public let email: String

    /// Names an author; `<`, `>` and control characters are dropped, and neither may be empty
    /// when a commit is written: git demands both.
    public init(name: String, email: String) {
        self.name = CommitAuthor.clean(name)
        self.email = CommitAuthor.clean(email)
    }

    private static func clean(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.filter { $0.value >= 0x20 && $0 != "<" && $0 != ">" }))
    }
}

/// A file in the tree of a commit.
public struct TreeFile: Sendable, Hashable {
    /// The path as git has it; check it with `TreePath` before writing anywhere.
    public let path: String
    /// The git object that holds its bytes.
    public let blob: String
    /// Whether it is an ordinary file; links and submodules are not.
    public let isOrdinary: Bool
}

/// A signature over a commit and the bytes it covers.
public struct CommitSignature: Sendable, Hashable {
    /// The armoured text of the `gpgsig` header.
    public let text: String
    /// The commit's bytes without that header.
    public let signedBytes: [UInt8]
}

/// A commit that is to be written: everything but its signature.
public struct CommitDraft: Sendable {
    /// The files of the version whose bytes are given.
    public let tree: [TreePath: [UInt8]]
    /// The tree of a commit that a reference reaches; nothing of it is written again.
    public let base: CommitTree?
    /// The files that are taken over from `base` as they are.
    public let kept: [TreePath]
    /// The commits it follows; the first is the line it belongs to.
    public let parents: [CommitID]
    /// One sentence for a person, then trailers.
    public let message: String
    /// Who makes it.
    public let author: CommitAuthor
    /// When, in seconds since 1970 (UTC).
    public let secondsSince1970: Int64

    /// Describes a commit; nothing is written.
    public init(
        tree: [TreePath: [UInt8]], keeping kept: [TreePath] = [], of base: CommitTree? = nil,
        parents: [CommitID], message: String, author: CommitAuthor, secondsSince1970: Int64
    ) {
        self.tree = tree
        self.base = base
        self.kept = kept
        self.parents = parents
        self.message = message
        self.author = author
        self.secondsSince1970 = secondsSince1970
    }
}

/// Signs the bytes of a commit and returns the armoured signature (SSH signature format).
public typealias CommitSigner = (_ commitBytes: [UInt8]) throws(LetheError) -> String
