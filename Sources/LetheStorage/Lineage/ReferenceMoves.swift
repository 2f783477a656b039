internal import Foundation
internal import LetheRecords

/// Moves many references as git moves one: each locked by its `.lock` file, which holds the new
/// value and becomes the reference by a rename (git `lockfile.h`).
///
/// All are locked and compared before any moves; their bytes are synced together, and so are their
/// names.
struct ReferenceMoves {
    let lineage: Lineage
    let moves: [LineMove]

    private func path(of line: ReferenceName) -> String {
        "\(lineage.url.path)/\(line)"
    }

    /// Locks every reference and compares where it points.
    ///
    /// - Throws: `conflict` naming the first that points elsewhere or is locked; no lock is left
    ///   then.
    func lock() throws(LetheError) {
        var locked: [ReferenceName] = []
        do throws(LetheError) {
            for move in moves {
                try lock(move)
                locked.append(move.line)
                let found = try lineage.target(of: move.line)
                guard found == move.expected else {
                    throw Lineage.conflict(
                        move.line.description, expected: move.expected, found: found)
                }
            }
        } catch {
            for line in locked { try? lineage.files.remove(path(of: line) + ".lock") }
            throw error
        }
    }

    /// Gives the locks up; nothing has moved.
    func unlock() {
        for move in moves { try? lineage.files.remove(path(of: move.line) + ".lock") }
    }

    /// Moves every reference that `lock` has locked, durably.
    func commit() throws(LetheError) {
        let files = lineage.files
        if moves.count > 8 {
            try files.syncFileSystem(of: lineage.url.path)
        } else {
            for move in moves { try files.syncFile(path(of: move.line) + ".lock") }
        }
        var folders: Set<String> = []
        for move in moves {
            let path = path(of: move.line)
            try files.rename(path + ".lock", to: path)
            folders.insert(StagedFiles.folder(of: path))
        }
        for folder in folders.sorted() { try files.syncFolder(folder) }
    }

    /// Removes the locks that a dead writer of many lines left.
    static func removeLocks(
        of lines: [ReferenceName], in lineage: Lineage
    ) throws(LetheError) {
        for line in lines {
            let path = "\(lineage.url.path)/\(line).lock"
            if try FileStatus.of(path) != nil { try lineage.files.remove(path) }
        }
    }

    private func lock(_ move: LineMove) throws(LetheError) {
        let path = path(of: move.line) + ".lock"
        if try lineage.files.createFolder(StagedFiles.folder(of: path)) {
            try lineage.files.syncFolder(lineage.url.appending(path: "refs").path)
        }
        let file = try create(path, for: move.line)
        do throws(LetheError) {
            try lineage.files.write(Array("\(move.target)\n".utf8), to: file)
        } catch {
            try? lineage.files.remove(path)
            throw error
        }
    }

    private func create(
        _ path: String, for line: ReferenceName
    ) throws(LetheError) -> FileDescriptor {
        do throws(LetheError) {
            return try lineage.files.createFile(path, mode: 0o644)
        } catch {
            guard error.code == .alreadyExists, try isAbandoned(line) else {
                throw error.code == .alreadyExists ? Self.locked(path) : error
            }
            try lineage.files.remove(path)
            return try lineage.files.createFile(path, mode: 0o644)
        }
    }

    /// Whether a writer of this one line died between taking git's lock and moving it.
    private func isAbandoned(_ line: ReferenceName) throws(LetheError) -> Bool {
        let lock = try NamedLock(lineage.lockPath(of: line), files: lineage.files)
        lock.finish()
        return lock.isAbandoned
    }

    private static func locked(_ path: String) -> LetheError {
        LetheError(
            code: .conflict, message: "\(path) is there: another program moves that line.",
            remedy: "Run the same command again. If no other program is running, remove that "
                + "file.")
    }
}
