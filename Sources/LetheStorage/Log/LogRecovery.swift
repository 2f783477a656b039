public import LetheRecords

/// What a writer left that died between the log and the reference.
///
/// Only the newest entry can be in that state: whoever appends the next one mends it first.
struct LogRecovery {
    let lineage: Lineage

    /// A logged version whose reference has not moved to it.
    struct Pending {
        let reference: ReferenceName
        let present: CommitID?
        let commit: CommitID
    }

    /// The version that the newest entry names, if it is whole, follows the version that its line
    /// is at (or versions that came with it from another registry do), and is not there yet.
    func pending(_ last: LogLeaf?) throws(LetheError) -> Pending? {
        guard let last, let commit = CommitID(last.commit) else { return nil }
        let reference = try ReferenceName(logged: last)
        let present = try lineage.target(of: reference)
        guard present != commit, (try? follows(commit, present)) == true,
            let signature = try? lineage.signature(of: commit),
            Digest(hashing: signature.signedBytes) == last.signed
        else { return nil }
        return Pending(reference: reference, present: present, commit: commit)
    }

    private func follows(
        _ commit: CommitID, _ present: CommitID?
    ) throws(LetheError) -> Bool {
        var current: CommitID? = commit
        while let id = current {
            current = try lineage.commit(id).parents.first
            if current == present { return true }
        }
        return false
    }
}

extension ReferenceName {
    /// The line that an entry of the log is about.
    ///
    /// - Throws: `invalidArgument` for a name that no line can have.
    public init(logged leaf: LogLeaf) throws(LetheError) {
        switch leaf.kind {
        case .model: self = try .model(leaf.name)
        case .dataset: self = try .dataset(leaf.name)
        case .erasure: self = try .erasure(of: leaf.name)
        case .receipts: self = try .receipts(of: leaf.name)
        case .request: self = try .request(leaf.name)
        }
    }
}
