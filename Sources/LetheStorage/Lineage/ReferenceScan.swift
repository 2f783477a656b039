internal import Foundation
internal import LetheRecords

/// Reads the references of a bare repository as git lays them out: one file each below `refs/`,
/// and the rest in `packed-refs` (git-pack-refs(1)); a file wins over a line.
///
/// libgit2 opens every reference several times to list them; here it is one short read each.
/// Whatever does not look as git writes it is left to libgit2, which says what is wrong.
struct ReferenceScan {
    /// The folder of the repository.
    let repository: String

    /// What was found for one name.
    enum Found: Equatable {
        case commit(CommitID)
        /// A file that is no forty digits and a line break.
        case unclear
    }

    /// Every reference whose full name begins with `prefix` and is one that Lethe makes.
    func references(prefix: String) throws(LetheError) -> [ReferenceName: Found] {
        var found: [ReferenceName: Found] = [:]
        for (name, commit) in try packed() where name.hasPrefix(prefix) {
            if let name = ReferenceName(name) { found[name] = .commit(commit) }
        }
        for text in looseNames() where text.hasPrefix(prefix) {
            guard let name = ReferenceName(text) else { continue }
            found[name] = try loose(text).map { .commit($0) } ?? .unclear
        }
        return found
    }

    /// The full names of the references that are files, where Lethe puts its own.
    private func looseNames() -> [String] {
        var names: [String] = []
        for folder in ReferenceName.lineFolders {
            names += FolderListing.names(in: "\(repository)/\(folder)").map { "\(folder)/\($0)" }
        }
        for model in FolderListing.names(in: "\(repository)/refs/tags") {
            let folder = "refs/tags/\(model)"
            names += FolderListing.names(in: "\(repository)/\(folder)").map { "\(folder)/\($0)" }
        }
        return names
    }

    private func loose(_ name: String) throws(LetheError) -> CommitID? {
        guard let file = try? FileDescriptor.reading("\(repository)/\(name)") else { return nil }
        var bytes: [UInt8] = []
        try file.read(into: &bytes, at: 0, count: 42)
        guard bytes.count == 41, bytes.last == UInt8(ascii: "\n") else { return nil }
        return CommitID(String(decoding: bytes.dropLast(), as: UTF8.self))
    }

    private func packed() throws(LetheError) -> [(name: String, commit: CommitID)] {
        let path = "\(repository)/packed-refs"
        guard try FileStatus.of(path) != nil else { return [] }
        let file = try FileDescriptor.reading(path)
        var bytes: [UInt8] = []
        try file.read(into: &bytes, at: 0, count: min(file.status().sizeBytes, 256 << 20))
        return bytes.split(separator: UInt8(ascii: "\n")).compactMap { line in
            guard line.count > 41, line[line.startIndex + 40] == UInt8(ascii: " "),
                let commit = CommitID(String(decoding: line.prefix(40), as: UTF8.self))
            else { return nil }
            return (String(decoding: line.dropFirst(41), as: UTF8.self), commit)
        }
    }
}

/// Evidence, cheap to gather, that no line of the lineage has moved: the names, times, lengths and
/// inodes of everything that git stores the references of lines in.
struct ReferenceStamp: Equatable {
    /// SHA-256 over that evidence.
    let digest: Digest
    /// Whether nothing changed in the last two seconds.
    ///
    /// A change in the same tick of the clock as
    /// the look would not show, so a stamp that is not settled proves nothing (git calls such an
    /// index entry racy: gitformat-index(5)).
    let isSettled: Bool

    private static let settledAfterNanoseconds = 2_000_000_000

    /// Looks at a bare repository.
    init(of repository: String, nowNanoseconds: Int) throws(LetheError) {
        var hasher = DigestHasher()
        var newest = 0
        func look(_ path: String) throws(LetheError) {
            let status = try FileStatus.of(path)
            newest = max(newest, status?.modifiedNanoseconds ?? 0, status?.changedNanoseconds ?? 0)
            let text =
                status.map {
                    "\(path) \($0.inode) \($0.sizeBytes) \($0.modifiedNanoseconds) "
                        + "\($0.changedNanoseconds)\n"
                } ?? "\(path) -\n"
            hasher.update(Array(text.utf8))
        }
        try look("\(repository)/packed-refs")
        for name in ReferenceName.lineFolders {
            let folder = "\(repository)/\(name)"
            try look(folder)
            for name in FolderListing.names(in: folder) { try look("\(folder)/\(name)") }
        }
        digest = hasher.finalize()
        isSettled = newest < nowNanoseconds - Self.settledAfterNanoseconds
    }
}
