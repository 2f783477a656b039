internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// A folder that stands for a registry elsewhere while something is taken from it.
///
/// It has its small files and its lineage, but no object, and goes when nobody needs it any more.
///
/// Every check of a transfer between folders is so a check of a transfer between machines.
final class Shadow {
    let storage: RegistryStorage
    let root: URL
    private let work: WorkFolder?
    private let folder: URL

    /// Lays out what another registry shows of itself, with a lineage that comes as a pack.
    ///
    /// - Parameter pack: Fetches a pack with what is lacking into a folder, given the commits that
    ///   need not come.
    /// - Throws: as the other one; what `pack` throws.
    convenience init(
        _ state: RemoteState, for borrower: RegistryStorage?,
        pack: (URL, [CommitID]) throws(LetheError) -> URL
    ) throws(LetheError) {
        let known = try borrower?.lineage.references().map(\.target) ?? []
        try self.init(state.texts, for: borrower) { (layout, lender) throws(LetheError) in
            try Lineage.createShadow(layout, lender: lender, references: state.lines())
            let lineage = try Lineage(layout, files: borrower?.files ?? StoreFiles())
            try lineage.takePack(pack(layout.root.deletingLastPathComponent(), known))
        }
    }

    /// Lays out what another registry shows of itself.
    ///
    /// - Parameters:
    ///   - borrower: The registry that takes; what its lineage has need not come. Nil for a clone,
    ///     which is not there yet.
    ///   - makeLineage: Makes the lineage, given the one that it may borrow from.
    /// - Throws: `refused` for files that no registry has; `malformed`; what `makeLineage` throws.
    init(
        _ texts: [String: String], for borrower: RegistryStorage?,
        makeLineage: (RegistryLayout, Lineage?) throws(LetheError) -> Void
    ) throws(LetheError) {
        work = try borrower.mapping { (borrower) throws(LetheError) in
            try WorkFolder(in: borrower.layout, files: borrower.files)
        }
        folder =
            work?.url
            ?? FileManager.default.temporaryDirectory.appending(
                path: "lethe-remote-\(UUID().uuidString)")
        root = folder.appending(path: "registry")
        let layout = RegistryLayout(root: root)
        let files = borrower?.files ?? StoreFiles()
        for place in [folder, root, layout.keys, layout.recipes, layout.policies] {
            try Self.make(place)
        }
        for (path, text) in texts {
            try RemoteState.check(path)
            try files.replaceFile(root.appending(path: path), with: Array(text.utf8))
        }
        try makeLineage(layout, borrower?.lineage)
        storage = try RegistryStorage(opening: root)
    }

    deinit { if work == nil { try? FileManager.default.removeItem(at: folder) } }

    private static func make(_ folder: URL) throws(LetheError) {
        do {
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700])
        } catch {
            throw LetheError(
                code: .io, message: "The folder \(folder.path) cannot be made.",
                remedy: "See that the disk has room.", cause: error)
        }
    }
}
