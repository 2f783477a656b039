public import LetheRecords

/// How a line of one registry stands to the same line of another.
public enum LineComparison: Sendable, Equatable {
    /// Both are at the same commit.
    case same
    /// The receiving registry has all of the other's commits, and more.
    case ahead
    /// The receiving registry lacks these commits, oldest first, and they follow what it has.
    case forward([CommitID])
    /// Both have commits after this one that the other lacks.
    case diverged(after: CommitID)
    /// They have no commit in common.
    case unrelated
}

/// Compares lines by their commits.
struct LineComparing {
    let source: Lineage
    let target: Lineage

    /// Walks back from `theirs` to what the target has.
    ///
    /// - Throws: `integrity` if a commit of the source is missing or damaged.
    func compare(_ theirs: CommitID, with ours: CommitID?) throws(LetheError) -> LineComparison {
        if theirs == ours { return .same }
        var found: [CommitID] = []
        var waiting = [theirs]
        var seen: Set<CommitID> = [theirs]
        var meets = false
        while let id = waiting.popLast() {
            if id == ours {
                meets = true
                continue
            }
            found.append(id)
            let commit = try source.received(id)
            waiting += commit.parents.filter { seen.insert($0).inserted }
        }
        if meets || ours == nil { return .forward(found.reversed()) }
        guard let ours else { return .unrelated }
        let known = try target.ancestors(of: ours)
        if known.contains(theirs) { return .ahead }
        return found.first(where: known.contains).map(LineComparison.diverged) ?? .unrelated
    }
}

extension Lineage {
    /// Reads and checks a commit that comes from outside.
    func received(_ id: CommitID) throws(LetheError) -> ReceivedCommit {
        try ReceivedCommit(object(id.hex))
    }

    /// Whether there is an object of that name; its bytes are not looked at.
    public func contains(_ id: CommitID) throws(LetheError) -> Bool {
        try using { (git) throws(LetheError) in try git.exists(id) }
    }

    /// Reads an object and checks its name.
    func object(_ name: String) throws(LetheError) -> GitObject {
        try using { (git) throws(LetheError) in try git.object(name) }
    }

    /// A commit and everything it follows.
    func ancestors(of id: CommitID) throws(LetheError) -> Set<CommitID> {
        var seen: Set<CommitID> = [id]
        var waiting = [id]
        while let next = waiting.popLast() {
            waiting += try commit(next).parents.filter { seen.insert($0).inserted }
        }
        return seen
    }
}
