import Foundation
import Glibc
import LetheRecords
import LetheStorage
import Synchronization

/// What a disk would still hold if the power failed now: only what was forced to it.
///
/// It follows the steps that the store announces. A file's bytes count once the file was synced; a
/// name counts once its folder was. A reference that git moves is taken as durable when its step is
/// over, because libgit2 is told to sync it. Caches (`index.sqlite` and everything in `locks/`) do
/// not survive.
final class DurableDisk: Sendable {
    /// What becomes of a name that was given to bytes that were never synced.
    enum Loss: CaseIterable, Sendable {
        /// Neither the bytes nor the name survive.
        case forgetsNames
        /// File systems may write the names first: the file is there, of that length, full of zeros.
        case keepsNames
    }

    private enum Entry: Sendable {
        case folder
        case file(inode: UInt64)
    }

    private struct State: Sendable {
        var names: [String: [String: Entry]] = [:]
        var contents: [UInt64: Data] = [:]
        var last: StorageStep?
        var count = 0
    }

    private let root: URL
    private let state: Mutex<State>

    /// Everything that is below `root` now is durable.
    init(_ root: URL) {
        self.root = root
        state = Mutex(State())
        state.withLock { Self.syncAll(below: root.path, &$0) }
    }

    /// Hears of a step that is about to be done, so the one before it is over.
    ///
    /// - Returns: how many steps were announced.
    func willDo(_ step: StorageStep) -> Int {
        state.withLock { state in
            Self.finishLast(&state, root)
            state.last = step
            state.count += 1
            return state.count
        }
    }

    /// The operation has returned: its last step is over.
    func end() {
        state.withLock { Self.finishLast(&$0, root) }
    }

    /// Writes what would be left to another folder.
    func write(to target: URL, losing loss: Loss) throws {
        let state = state.withLock { $0 }
        try write("", state, to: target, loss)
    }

    private func write(
        _ folder: String, _ state: State, to target: URL, _ loss: Loss
    ) throws {
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let path = folder.isEmpty ? root.path : "\(root.path)/\(folder)"
        var names = state.names[path] ?? [:]
        if loss == .keepsNames { names = Self.listing(path) }
        for (name, entry) in names where !Self.isCache(folder, name) {
            let below = folder.isEmpty ? name : "\(folder)/\(name)"
            switch entry {
            case .folder: try write(below, state, to: target.appending(path: name), loss)
            case .file(let inode):
                let size = (try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)"))
                let count = (size?[.size] as? Int) ?? 0
                let bytes = state.contents[inode] ?? Data(count: count)
                try bytes.write(to: target.appending(path: name))
            }
        }
    }

    private static func isCache(_ folder: String, _ name: String) -> Bool {
        folder == "locks" || (folder.isEmpty && name.hasPrefix("index.sqlite"))
    }

    private static func finishLast(_ state: inout State, _ root: URL) {
        guard let step = state.last else { return }
        state.last = nil
        switch step.action {
        case .createFile:
            // The number of a removed file's inode may be given out again.
            if case .file(let inode)? = entry(at: step.subject) { state.contents[inode] = nil }
        case .syncFile: sync(file: step.subject, &state)
        case .syncFolder: state.names[step.subject] = listing(step.subject)
        case .syncFileSystem: syncAll(below: root.path, &state)
        case .moveReference:
            syncAll(below: "\(root.path)/lineage.git/refs", &state)
        default: break
        }
    }

    private static func syncAll(below path: String, _ state: inout State) {
        let names = listing(path)
        state.names[path] = names
        for (name, entry) in names {
            switch entry {
            case .folder: syncAll(below: "\(path)/\(name)", &state)
            case .file: sync(file: "\(path)/\(name)", &state)
            }
        }
    }

    private static func sync(file path: String, _ state: inout State) {
        guard case .file(let inode)? = entry(at: path) else { return }
        state.contents[inode] = FileManager.default.contents(atPath: path)
    }

    private static func listing(_ path: String) -> [String: Entry] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.reduce(into: [:]) { $0[$1] = entry(at: "\(path)/\($1)") }
    }

    private static func entry(at path: String) -> Entry? {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        switch attributes?[.type] as? FileAttributeType {
        case .typeDirectory?: return .folder
        case .typeRegular?:
            return (attributes?[.systemFileNumber] as? UInt64).map { .file(inode: $0) }
        default: return nil
        }
    }
}
