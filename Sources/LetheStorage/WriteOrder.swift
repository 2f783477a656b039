public import LetheRecords

/// The order in which a version comes into being. Nothing refers to something not yet durable:
///
/// 1. objects: leased, so that `gc` leaves them; temporary files, sync, rename, sync of the
///    folders (`ObjectBatch.makeDurable`);
/// 2. the commit, with everything it needs (`Lineage.writeCommit`);
/// 3. the transparency log: the leaf of this operation belongs here, after the commit that it
///    names and before the reference that makes the version visible;
/// 4. the reference, by compare and swap (`Lineage.moveReference`): the version exists from here;
/// 5. the index, a cache.
///
/// The leases are given back when the reference has moved.
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
        objects.release()
        // The version exists now. A cache that fails must not turn that into an error.
        try? index?.add(indexed(commit))
        return commit
    }

    /// Makes versions of another registry visible here.
    ///
    /// This is the one way in which a line moves to commits that were not written here. They and
    /// their objects have arrived and were checked.
    ///
    /// - Parameters:
    ///   - expected: Where the line is now; nil if the line must not exist.
    ///   - versions: What the index shall keep of the new commits, oldest first; the line moves to
    ///     the last.
    /// - Throws: `conflict` if another writer moved the line first; what has arrived stays for
    ///   another try. `diskFull`, `io`. The line is unchanged then.
    public func receive(
        _ versions: [IndexedVersion], on line: ReferenceName, from expected: CommitID?,
        objects: ObjectBatch
    ) throws(LetheError) {
        guard let last = versions.last else { return }
        try objects.makeDurable()
        try lineage.moveReference(line, from: expected, to: last.commit)
        objects.release()
        // The versions exist now. A cache that fails must not turn that into an error.
        for version in versions { try? index?.add(version) }
    }
}
