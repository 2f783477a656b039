public import LetheRecords

/// A version that `WriteOrder` is to write.
public struct VersionWrite {
    /// The commit, without its signature.
    public let draft: CommitDraft
    /// The line that moves to it.
    public let line: ReferenceName
    /// Where the line is now; nil if it must not exist.
    public let expected: CommitID?
    /// The log's entry for the new commit, whose signed bytes have that digest.
    public let logged: (CommitID, _ signed: Digest) throws(LetheError) -> LogLeaf
    /// What the index shall keep of the new commit.
    public let indexed: (CommitID) -> IndexedVersion

    /// Puts together what is needed to write a version.
    public init(
        _ draft: CommitDraft, on line: ReferenceName, from expected: CommitID?,
        logged: @escaping (CommitID, _ signed: Digest) throws(LetheError) -> LogLeaf,
        indexed: @escaping (CommitID) -> IndexedVersion
    ) {
        self.draft = draft
        self.line = line
        self.expected = expected
        self.logged = logged
        self.indexed = indexed
    }
}

/// A line that moves from one commit to another.
struct LineMove {
    let line: ReferenceName
    let expected: CommitID?
    let target: CommitID
}
