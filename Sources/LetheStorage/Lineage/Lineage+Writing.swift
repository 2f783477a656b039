internal import Foundation
public import LetheRecords

extension Lineage {
    /// Writes a signed commit durably; no reference points at it yet.
    ///
    /// - Throws: `malformed` for a file above 1 MiB, `refused` for paths that collide, what `sign`
    ///   throws, `diskFull`, `io`.
    public func writeCommit(
        _ draft: CommitDraft, sign: CommitSigner
    ) throws(LetheError) -> CommitID {
        let staged = StagedFiles(in: temporary, files: files)
        let objects = StagedGitObjects(in: url.path, staged: staged)
        let commit = try stage(draft, in: objects, sign: sign)
        try objects.stage()
        try staged.makeDurable()
        return commit
    }

    /// Stages a signed commit with everything it needs, to become durable with other files.
    ///
    /// - Throws: as `writeCommit`.
    func stage(
        _ draft: CommitDraft, in staged: StagedGitObjects, sign: CommitSigner
    ) throws(LetheError) -> CommitID {
        try Lineage.check(draft)
        let staging = GitObjectStaging(known: draft.base?.objects ?? [], staged: staged)
        var contents = draft.tree.map {
            (path: $0.key.components[...], file: Content.new($0.value))
        }
        for path in draft.kept {
            guard let file = draft.base?.files[path.description], file.isOrdinary else {
                throw LetheError(
                    code: .integrity, message: "The version before has no file \(path).",
                    remedy: "Run lethe fsck.")
            }
            contents.append((path.components[...], .kept(file.blob)))
        }
        let tree = try stageFolder(contents, at: "", staging)
        let bytes = try draft.unsignedBytes(tree: tree)
        let signature = String(try sign(bytes).trimmingPrefix("\n")).trimmingSuffix("\n")
        let name = try staging.put(CommitDraft.signed(bytes, with: signature), type: "commit")
        guard let commit = CommitID(name) else { throw GitRepository.nothing }
        return commit
    }

    /// Moves a reference if it still points where the caller thinks (compare and swap).
    ///
    /// - Parameters:
    ///   - expected: Where the reference points; nil if it must not exist.
    /// - Throws: `conflict` naming the commit that is there; nothing is changed then.
    public func moveReference(
        _ name: ReferenceName, from expected: CommitID?, to target: CommitID
    ) throws(LetheError) {
        // Not needed for correctness, git's own lock decides; it makes writers of one line queue
        // instead of fail, and tells git's lock of a dead writer from that of a living one.
        let lock = try NamedLock(lockPath(of: name), files: files)
        if lock.isAbandoned {
            // Its holder died between taking git's lock and moving the reference.
            try files.remove(url.appending(path: "\(name).lock").path)
        }
        defer { lock.finish() }
        do throws(LetheError) {
            try files.step(.moveReference, name.description)
            try using { (git) throws(LetheError) in
                try git.move(name.description, from: expected, to: target)
            }
        } catch  where error.code != .conflict {
            // git renames the reference and then syncs its folder. If only that failed, the version
            // exists: say so once it is durable, and fail only if it cannot be made durable.
            guard try self.target(of: name) == target else { throw error }
            let path = url.appending(path: name.description)
            try files.syncFolder(path.deletingLastPathComponent().path)
        }
    }

    /// The lock file of those who move one line.
    func lockPath(of name: ReferenceName) -> String {
        locks.appending(path: name.description.replacing("/", with: "-")).path
    }

    private static func check(_ draft: CommitDraft) throws(LetheError) {
        try TreePath.refuseCollisions(Array(draft.tree.keys) + draft.kept)
        for (path, bytes) in draft.tree where bytes.count > blobLimitBytes {
            throw tooLarge(path.description, bytes.count)
        }
        guard !draft.message.contains("\0") else {
            throw LetheError(code: .invalidArgument, message: "The message has a zero byte in it.")
        }
    }

    /// What a file of a new commit has in it.
    private enum Content {
        case new([UInt8])
        /// A git object that a reference reaches.
        case kept(String)
    }

    /// Stages a folder of the tree and everything below it.
    private func stageFolder(
        _ contents: [(path: ArraySlice<String>, file: Content)], at folder: String,
        _ staging: GitObjectStaging
    ) throws(LetheError) -> String {
        var entries: [TreeEntry] = []
        let byName = Dictionary(grouping: contents) { $0.path.first ?? "" }
        for (name, below) in byName.sorted(by: { $0.key < $1.key }) {
            let path = folder + name
            if below.count == 1, below[0].path.count == 1 {
                let object =
                    switch below[0].file {
                    case .new(let bytes): try staging.put(bytes, type: "blob")
                    case .kept(let name): name
                    }
                entries.append(TreeEntry(name: name, object: object, isFolder: false))
            } else {
                guard below.allSatisfy({ $0.path.count > 1 }) else {
                    throw LetheError(
                        code: .refused, message: "\(path) is both a file and a folder.")
                }
                let tree = try stageFolder(
                    below.map { ($0.path.dropFirst(), $0.file) }, at: path + "/", staging)
                entries.append(TreeEntry(name: name, object: tree, isFolder: true))
            }
        }
        return try staging.put(tree: entries)
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }
}
