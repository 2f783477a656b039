public import LetheRecords

/// The order in which a version comes into being. Nothing refers to something not yet durable:
///
/// 1. objects: temporary files, sync, rename, sync of the folders (`ObjectBatch.makeDurable`);
/// 2. the commit, with everything it needs (`Lineage.writeCommit`);
/// 3. the transparency log: the leaf of this operation belongs here, after the commit that it
///    names and before the reference that makes the version visible;
/// 4. the reference, by compare and swap (`Lineage.moveReference`): the version exists from here;
/// 5. the index, a cache.
///
/// A crash before 4 leaves the old version and some unused objects; after 4 the new version. The
/// index catches up when it is opened next.
public struct WriteOrder: Sendable {
    private let lineage: Lineage
    private let index: RegistryIndex?

    /// Orders the writes of a registry; without an index, the next one to open it catches up.
    public init(lineage: Lineage, index: RegistryIndex?) {
        self.lineage = lineage
        self.index = index
    }

    /// Makes a version.
    ///
    /// - Parameters:
    ///   - objects: What the version needs beside git; already durable objects do no harm.
    ///   - expected: Where the line is now; nil if the line must not exist.
    ///   - indexed: What the index shall keep of the new commit.
    /// - Returns: the commit of the new version.
    /// - Throws: `conflict` if another writer moved the line first; the objects stay for another
    ///   try. `diskFull`, `io`, what `sign` throws. The line is unchanged then.
    public func write(
        _ draft: CommitDraft, on line: ReferenceName, from expected: CommitID?,
        objects: ObjectBatch, sign: CommitSigner, indexed: (CommitID) -> IndexedVersion
    ) throws(LetheError) -> CommitID {
        try objects.makeDurable()
        let commit = try lineage.writeCommit(draft, sign: sign)
        try lineage.moveReference(line, from: expected, to: commit)
        // The version exists now. A cache that fails must not turn that into an error.
        try? index?.add(indexed(commit))
        return commit
    }
}
