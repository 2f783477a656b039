internal import Foundation
internal import Glibc
public import LetheRecords

extension Lineage {
    /// Writes a signed commit; no reference points at it yet.
    ///
    /// - Throws: `malformed` for a file above 1 MiB, `refused` for paths that collide, what `sign`
    ///   throws, `diskFull`, `io`.
    public func writeCommit(
        _ draft: CommitDraft, sign: CommitSigner
    ) throws(LetheError) -> CommitID {
        try Lineage.check(draft)
        let tree = try writeFolder(draft.tree.map { ($0.key.components[...], $0.value) }, at: "")
        let bytes = try using { (git) throws(LetheError) in
            try git.commitBytes(draft, tree: tree)
        }
        // libgit2 ends the header itself; one line break more would add an empty line to it.
        let signature = String(try sign(bytes).trimmingPrefix("\n")).trimmingSuffix("\n")
        try files.step(.writeCommit, draft.message.prefix(60).description)
        return try using { (git) throws(LetheError) in
            try git.write(commit: bytes, signature: signature)
        }
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
        let lockName = name.description.replacing("/", with: "-")
        let lock = try NamedLock(locks.appending(path: lockName).path, files: files)
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

    private static func check(_ draft: CommitDraft) throws(LetheError) {
        try TreePath.refuseCollisions(draft.tree.keys)
        for (path, bytes) in draft.tree where bytes.count > blobLimitBytes {
            throw tooLarge(path.description, bytes.count)
        }
        guard !draft.message.contains("\0") else {
            throw LetheError(code: .invalidArgument, message: "The message has a zero byte in it.")
        }
    }

    /// Writes a folder of the tree and everything below it.
    private func writeFolder(
        _ contents: [(path: ArraySlice<String>, bytes: [UInt8])], at folder: String
    ) throws(LetheError) -> String {
        var entries: [TreeEntry] = []
        let byName = Dictionary(grouping: contents) { $0.path.first ?? "" }
        for (name, below) in byName.sorted(by: { $0.key < $1.key }) {
            let path = folder + name
            if below.count == 1, below[0].path.count == 1 {
                try files.step(.writeBlob, path)
                let blob = try using { (git) throws(LetheError) in
                    try git.write(blob: below[0].bytes)
                }
                entries.append(TreeEntry(name: name, object: blob, isFolder: false))
            } else {
                guard below.allSatisfy({ $0.path.count > 1 }) else {
                    throw LetheError(
                        code: .refused, message: "\(path) is both a file and a folder.")
                }
                let tree = try writeFolder(
                    below.map { ($0.path.dropFirst(), $0.bytes) }, at: path + "/")
                entries.append(TreeEntry(name: name, object: tree, isFolder: true))
            }
        }
        try files.step(.writeTree, folder.isEmpty ? "/" : folder)
        return try using { (git) throws(LetheError) in try git.write(tree: entries) }
    }
}

extension String {
    fileprivate func trimmingSuffix(_ character: Character) -> String {
        var text = self
        while text.last == character { text.removeLast() }
        return text
    }
}
