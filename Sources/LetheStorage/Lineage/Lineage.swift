public import Foundation
public import LetheRecords
internal import Synchronization

/// The history of every model: a bare git repository that holds small text only.
///
/// libgit2's repository may be used by one thread at a time, so it lives in a mutex, and every
/// method copies what it finds into values before the lock is released.
public final class Lineage: Sendable {
    /// Nothing longer than this goes into git.
    public static let blobLimitBytes = 1 << 20

    /// The repository's folder.
    public let url: URL
    let locks: URL
    let temporary: String
    let files: StoreFiles
    private let layout: RegistryLayout
    private let repository: Mutex<GitRepository>

    /// Opens the lineage of a registry; `files` is where tests inject failures.
    ///
    /// - Throws: `notFound`, `io`.
    public init(
        _ layout: RegistryLayout, files: StoreFiles = StoreFiles()
    ) throws(LetheError) {
        url = layout.lineage
        locks = layout.locks
        temporary = layout.temporary.path
        self.files = files
        self.layout = layout
        repository = Mutex(try GitRepository(opening: layout.lineage.path))
    }

    /// The same lineage once more, for another thread to read at the same time.
    public func another() throws(LetheError) -> Lineage { try Lineage(layout, files: files) }

    /// Makes an empty lineage.
    ///
    /// - Throws: `alreadyExists`, `io`, `diskFull`.
    public static func create(
        _ layout: RegistryLayout, files: StoreFiles = StoreFiles()
    ) throws(LetheError) {
        try files.step(.createFolder, layout.lineage.path)
        try GitRepository.create(at: layout.lineage.path)
    }

    /// The commit that a reference points at; nil if there is no such reference.
    public func target(of reference: ReferenceName) throws(LetheError) -> CommitID? {
        try using { (git) throws(LetheError) in try git.target(of: reference.description) }
    }

    /// The references whose full name begins with `prefix`, in order, and where they point.
    ///
    /// References that Lethe does not make are left out; `StoreCheck` reports them.
    public func references(
        prefix: String = "refs/"
    ) throws(LetheError) -> [(name: ReferenceName, target: CommitID)] {
        let scan = ReferenceScan(repository: url.path)
        var found: [(name: ReferenceName, target: CommitID)] = []
        for (name, state) in try scan.references(prefix: prefix).sorted(by: { $0.key < $1.key }) {
            switch state {
            case .commit(let target): found.append((name, target))
            case .unclear:
                // Symbolic, damaged, or gone by now: git decides, and says so.
                if let target = try target(of: name) { found.append((name, target)) }
            }
        }
        return found
    }

    /// Reads a commit.
    public func commit(_ id: CommitID) throws(LetheError) -> LineageCommit {
        try using { (git) throws(LetheError) in try git.commit(id) }
    }

    /// A commit and its first parents, newest first, at most `limit` of them.
    public func history(
        from id: CommitID, limit: Int = .max
    ) throws(LetheError) -> [LineageCommit] {
        try using { (git) throws(LetheError) in
            var commits: [LineageCommit] = []
            var next: CommitID? = id
            while let id = next, commits.count < limit {
                commits.append(try git.commit(id))
                next = commits.last?.parents.first
            }
            return commits
        }
    }

    /// A commit and its first parents, newest first, until `known`, which is left out.
    ///
    /// - Returns: the commits, and whether `known` is among those that `id` follows; if not, the
    ///   commits are the whole history.
    func history(
        from id: CommitID, until known: CommitID?
    ) throws(LetheError) -> (commits: [LineageCommit], reachedKnown: Bool) {
        try using { (git) throws(LetheError) in
            var commits: [LineageCommit] = []
            var next: CommitID? = id
            while let id = next {
                if id == known { return (commits, true) }
                commits.append(try git.commit(id))
                next = commits.last?.parents.first
            }
            return (commits, false)
        }
    }

    /// The history of a reference, newest first; empty if there is no such reference.
    public func history(
        of reference: ReferenceName, limit: Int = .max
    ) throws(LetheError) -> [LineageCommit] {
        guard let tip = try target(of: reference) else { return [] }
        return try history(from: tip, limit: limit)
    }

    /// Every file in the tree of a commit, in git's order.
    public func files(at id: CommitID) throws(LetheError) -> [TreeFile] {
        try using { (git) throws(LetheError) in try git.files(at: id) }
    }

    /// The bytes of a file of a commit; nil if there is no such file.
    ///
    /// - Throws: `malformed` if it is longer than 1 MiB; `refused` for a link.
    public func readFile(
        _ path: TreePath, at id: CommitID
    ) throws(LetheError) -> [UInt8]? {
        try using { (git) throws(LetheError) in
            guard let file = try git.file(at: path, of: id) else { return nil }
            return try Lineage.read(file, from: git)
        }
    }

    /// The bytes of a file that `files(at:)` found.
    ///
    /// - Throws: `malformed` if it is longer than 1 MiB; `refused` for a link.
    public func read(_ file: TreeFile) throws(LetheError) -> [UInt8] {
        try using { (git) throws(LetheError) in try Lineage.read(file, from: git) }
    }

    /// The signature of a commit and the bytes it covers; nil if it is not signed.
    public func signature(of id: CommitID) throws(LetheError) -> CommitSignature? {
        try using { (git) throws(LetheError) in try git.signature(of: id) }
    }

    /// Runs `body` with the repository while nobody else uses it.
    func using<Result>(
        _ body: (borrowing GitRepository) throws(LetheError) -> sending Result
    ) throws(LetheError) -> sending Result {
        try repository.withLock { (git) throws(LetheError) in try body(git) }
    }

    private static func read(
        _ file: TreeFile, from git: borrowing GitRepository
    ) throws(LetheError) -> [UInt8] {
        guard file.isOrdinary else {
            throw LetheError(
                code: .refused, message: "\(file.path) is no ordinary file in the lineage.",
                remedy: "Lethe writes ordinary files only; somebody changed this history.")
        }
        return try git.blob(file.blob, limitBytes: blobLimitBytes)
    }

    static func tooLarge(_ name: String, _ sizeBytes: Int) -> LetheError {
        LetheError(
            code: .malformed,
            message: "\(name) has \(sizeBytes) bytes; git holds at most \(blobLimitBytes).",
            remedy: "Store it as an object and put a git-lfs pointer in its place.")
    }

    static func conflict(
        _ reference: String, expected: CommitID?, found: CommitID?
    ) -> LetheError {
        let now = found.map { "is at \($0.hex.prefix(12))" } ?? "does not exist"
        let then = expected.map { "was at \($0.hex.prefix(12))" } ?? "did not exist"
        return LetheError(
            code: .conflict,
            message: "\(reference) \(now); it \(then) when this work began.",
            remedy: "Somebody else was first and nothing is lost: look at that version, then run "
                + "the same command again on top of it.")
    }
}
