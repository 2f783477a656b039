internal import LetheRecords

/// New files that become durable together, in few waits for the disk: the bytes of all, then the
/// names of all.
///
/// They are written under `tmp/` first. Nothing has its name before the bytes of all are durable,
/// so a name never stands for bytes that a power cut took.
final class StagedFiles {
    /// From this many syncs on, one sync of the whole file system replaces them.
    private static let syncTogetherFrom = 8

    let files: StoreFiles
    private let temporary: String
    private var scratch: ScratchFolder?
    private var waiting: [String: String] = [:]
    private(set) var folders: Set<String> = []

    /// Takes the folder `tmp/` of a registry; nothing is made yet.
    init(in temporary: String, files: StoreFiles) {
        self.temporary = temporary
        self.files = files
    }

    /// How many files wait for their name.
    var count: Int { waiting.count }

    /// A path for the bytes of the next file.
    func nextPath() throws(LetheError) -> String {
        if let scratch { return scratch.nextPath() }
        let made = try ScratchFolder(in: temporary, files: files)
        scratch = made
        return made.nextPath()
    }

    /// Writes a small file that gets the name `path` with all the others.
    func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(LetheError) {
        let temporary = try nextPath()
        let file = try files.createFile(temporary, mode: mode)
        if !bytes.isEmpty { try files.write(bytes, to: file) }
        add(temporary, as: path)
    }

    /// Takes a finished file at a path that `nextPath` gave; it gets the name `path` with all the
    /// others.
    func add(_ temporary: String, as path: String) { waiting[path] = temporary }

    /// Names a folder whose names must be durable, too.
    func alsoSync(_ folder: String) { folders.insert(folder) }

    /// Forgets folders again that were named since `folders` was this.
    func restore(_ folders: Set<String>) { self.folders = folders }

    /// Forces the bytes to the disk, gives the names, and forces those.
    ///
    /// - Parameter keepingScratch: Whether paths of `nextPath` are still in use.
    /// - Throws: `diskFull`, `io`; files that have their name stay, whole and unused.
    func makeDurable(keepingScratch: Bool = false) throws(LetheError) {
        try sync(waiting.values.sorted(), by: files.syncFile)
        for (path, temporary) in waiting.sorted(by: Self.comesBefore) {
            let folder = Self.folder(of: path)
            if try files.createFolder(folder) { folders.insert(Self.folder(of: folder)) }
            try files.rename(temporary, to: path)
            folders.insert(folder)
            waiting[path] = nil
        }
        try sync(folders.sorted(), by: files.syncFolder)
        folders = []
        if !keepingScratch { scratch = nil }
    }

    private func sync(
        _ paths: [String], by syncOne: (String) throws(LetheError) -> Void
    ) throws(LetheError) {
        if paths.count >= Self.syncTogetherFrom { return try files.syncFileSystem(of: temporary) }
        for path in paths { try syncOne(path) }
    }

    /// The order of the names; an index of a pack comes after its pack, which git looks for then.
    private static func comesBefore(
        _ one: (key: String, value: String), _ other: (key: String, value: String)
    ) -> Bool {
        let (isIndex, otherIsIndex) = (one.key.hasSuffix(".idx"), other.key.hasSuffix(".idx"))
        return isIndex == otherIsIndex ? one.key < other.key : otherIsIndex
    }

    static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return String(path[..<slash])
    }
}
