public import Foundation
public import LetheRecords

/// The stored half of a registry: its folders, objects and lineage, opened together.
public struct RegistryStorage: Sendable {
    /// Where everything lies.
    public let layout: RegistryLayout
    /// The immutable bytes.
    public private(set) var objects: ObjectStore
    /// The history.
    public let lineage: Lineage
    /// The transparency log.
    public let log: TransparencyLog
    /// Writes the registry's small files.
    public let files: StoreFiles
    /// Whether this registry cannot be written; reads work, changes are refused with the reason.
    public let isReadOnly: Bool

    /// Opens the registry at `root`, and clears away what dead writers left in `tmp/`.
    ///
    /// - Parameters:
    ///   - root: The registry folder.
    ///   - beforeStep: Runs before each change to the disk; for tests.
    /// - Throws: `notFound` if it is no registry, `io`.
    public init(
        opening root: URL, beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }
    ) throws(LetheError) {
        layout = RegistryLayout(root: root)
        guard try FileStatus.of(layout.description.path)?.isRegular == true else {
            throw LetheError(
                code: .notFound, message: "\(layout.root.path) is no Lethe registry.",
                remedy: "Make one with lethe init, or name the right folder with --registry.")
        }
        isReadOnly = !StoreFiles.isWritable(layout.root.path)
        files = isReadOnly ? .readOnly(layout.root) : StoreFiles(beforeStep: beforeStep)
        if !isReadOnly {
            // Copies that leave out empty folders, as git does, are registries all the same.
            for folder in [layout.temporary, layout.locks] { try files.createFolder(folder.path) }
        }
        objects = ObjectStore(layout, files: files)
        lineage = try Lineage(layout, files: files)
        log = TransparencyLog(layout, files: files)
        if !isReadOnly { try ScratchFolder.reap(in: layout.temporary.path) }
    }

    /// The same registry, whose objects are encrypted with the keys of a vault.
    public func encrypted(with vault: ObjectVault) -> RegistryStorage {
        var copy = self
        copy.objects.vault = vault
        return copy
    }

    /// The keys of a registry that encrypts; nil in others.
    public var vault: ObjectVault? { objects.vault }

    /// Makes a registry that is either there as a whole or not at all.
    ///
    /// It is built in a hidden folder beside `root`, filled by `populate` (which must write
    /// `registry.json`), forced to the disk and renamed.
    ///
    /// - Throws: `alreadyExists` if `root` exists and is not an empty folder; what `populate`
    ///   throws; `io`, `diskFull`. Nothing is left then.
    public static func create(
        at root: URL, beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in },
        populate: (RegistryLayout, StoreFiles) throws(LetheError) -> Void
    ) throws(LetheError) {
        let target = RegistryLayout(root: root).root
        let files = StoreFiles(beforeStep: beforeStep)
        try refuseOccupied(target)
        let parent = target.deletingLastPathComponent()
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        let building = RegistryLayout(
            root: parent.appending(path: ".\(target.lastPathComponent).\(random).tmp"))
        do throws(LetheError) {
            try build(building, files: files)
            try populate(building, files)
            try files.syncFileSystem(of: building.root.path)
            try files.rename(building.root.path, to: target.path)
        } catch {
            try? FileManager.default.removeItem(at: building.root)
            throw error
        }
        try files.syncFolder(parent.path)
    }

    private static func build(
        _ layout: RegistryLayout, files: StoreFiles
    ) throws(LetheError) {
        let folders = [
            layout.root, layout.objects.deletingLastPathComponent(), layout.objects, layout.keys,
            layout.temporary, layout.locks,
        ]
        for folder in folders { try files.createFolder(folder.path) }
        try Lineage.create(layout, files: files)
    }

    private static func refuseOccupied(_ root: URL) throws(LetheError) {
        guard let status = try FileStatus.of(root.path) else { return }
        guard status.isFolder, FolderListing.names(in: root.path).isEmpty else {
            throw LetheError(
                code: .alreadyExists, message: "\(root.path) exists and is not an empty folder.",
                remedy: "Choose another folder for the registry.")
        }
    }
}
