internal import Foundation
internal import LetheRecords

/// Copies commits from one lineage into another, object by object.
///
/// No program runs and nothing of the other repository is interpreted but bytes whose name was
/// checked: its configuration, hooks and alternates play no part. What arrives is what Lethe
/// writes: signed commits, folders and ordinary files under safe names, texts of at most 1 MiB.
final class CommitTransfer {
    /// Deeper folders are none of Lethe's.
    private static let depthLimit = 32

    private let source: Lineage
    private let target: RegistryStorage
    private var scratch: ScratchFolder?
    private var present: Set<String> = []
    private var folders: Set<String> = []
    /// How many git objects were copied.
    private(set) var copiedCount = 0

    init(from source: Lineage, to target: RegistryStorage) {
        self.source = source
        self.target = target
    }

    /// Copies a commit and its tree, children before parents; no reference points at it yet.
    ///
    /// - Parameter accept: Sees the signature before anything is copied, and throws to refuse.
    func copy(
        _ id: CommitID, accept: (CommitSignature?) throws(LetheError) -> Void
    ) throws(LetheError) {
        let object = try source.object(id.hex)
        let commit = try ReceivedCommit(object)
        try accept(commit.signature)
        try copy(tree: commit.tree, depth: 0)
        try write(object)
    }

    /// Forces what was copied to the disk.
    func makeDurable() throws(LetheError) {
        if folders.isEmpty { return }
        try target.files.syncFileSystem(of: target.layout.lineage.path)
        folders = []
        scratch = nil
    }

    private func copy(tree name: String, depth: Int) throws(LetheError) {
        if present.contains(name) { return }
        guard depth < Self.depthLimit else {
            throw LetheError(code: .malformed, message: "The folders of the commit are too deep.")
        }
        let object = try source.object(name)
        for entry in try ReceivedTree.entries(object) {
            if entry.isFolder {
                try copy(tree: entry.object, depth: depth + 1)
            } else {
                try copy(text: entry.object)
            }
        }
        try write(object)
    }

    private func copy(text name: String) throws(LetheError) {
        if present.contains(name) { return }
        let object = try source.object(name)
        guard object.type == "blob" else {
            throw LetheError(
                code: .malformed, message: "The git object \(name) is no text.",
                remedy: "Run lethe fsck in the registry that it comes from.")
        }
        guard object.bytes.count <= Lineage.blobLimitBytes else {
            throw Lineage.tooLarge(name, object.bytes.count)
        }
        try write(object)
    }

    private func write(_ object: GitObject) throws(LetheError) {
        guard present.insert(object.name).inserted else { return }
        guard try !isPresent(object.name) else { return }
        let repository = target.layout.lineage.path
        let path = LooseObject.path(of: object.name, in: repository)
        let folder = "\(repository)/objects/\(object.name.prefix(2))"
        try target.files.createFolder(folder)
        let temporary = try nextPath()
        try target.files.write(
            object.looseFile(), to: target.files.createFile(temporary, mode: 0o444))
        try target.files.rename(temporary, to: path)
        folders.insert(folder)
        copiedCount += 1
    }

    private func nextPath() throws(LetheError) -> String {
        if let scratch { return scratch.nextPath() }
        let made = try ScratchFolder(in: target.layout.temporary.path, files: target.files)
        scratch = made
        return made.nextPath()
    }

    /// Whether the target has an object; a torn loose one, as a power cut leaves it, is replaced.
    private func isPresent(_ name: String) throws(LetheError) -> Bool {
        do throws(LetheError) {
            if try LooseObject.read(name, in: target.layout.lineage.path) != nil { return true }
        } catch {
            return false
        }
        guard let id = CommitID(name) else { return false }
        return try target.lineage.using { (git) throws(LetheError) in try git.exists(id) }
    }
}
