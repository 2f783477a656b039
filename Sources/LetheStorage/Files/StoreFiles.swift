public import Foundation
internal import Glibc
public import LetheRecords

/// Every change that the store makes to the disk goes through here, step by step.
///
/// Each method announces itself to `beforeStep` first, so a test can fail or kill the process at
/// the n-th step; a read-only registry is one whose hook refuses every step.
public struct StoreFiles: Sendable {
    private let beforeStep: BeforeStep

    /// Makes the file system of a store; `beforeStep` runs before each change to the disk.
    public init(beforeStep: @escaping BeforeStep = { (_) throws(LetheError) in }) {
        self.beforeStep = beforeStep
    }

    /// Refuses every change, because the registry at `root` is read-only.
    public static func readOnly(_ root: URL) -> StoreFiles {
        let path = root.path
        return StoreFiles { (_) throws(LetheError) in throw SystemError.readOnly(path) }
    }

    /// Announces a step; throws what the hook throws.
    func step(_ action: StorageStep.Action, _ subject: String) throws(LetheError) {
        try beforeStep(StorageStep(action, subject))
    }

    /// Whether files can be made in a folder, as far as the operating system says.
    static func isWritable(_ path: String) -> Bool {
        unsafe access(path, W_OK) == 0
    }

    /// Makes a folder.
    ///
    /// - Returns: false if it was there.
    @discardableResult
    func createFolder(_ path: String) throws(LetheError) -> Bool {
        if let status = try FileStatus.of(path) {
            guard status.isFolder else {
                throw SystemError.error(ENOTDIR, doing: "create", path: path)
            }
            return false
        }
        try step(.createFolder, path)
        guard unsafe mkdir(path, 0o755) != 0 else { return true }
        if errno == EEXIST { return false }
        throw SystemError.error(errno, doing: "create", path: path)
    }

    /// Makes a file that must not exist yet.
    func createFile(_ path: String, mode: mode_t) throws(LetheError) -> FileDescriptor {
        try step(.createFile, path)
        return try FileDescriptor.creating(path, mode: mode)
    }

    /// Writes a piece of a file.
    func write(_ bytes: [UInt8], to file: borrowing FileDescriptor) throws(LetheError) {
        try step(.writeBytes, file.path)
        try file.write(bytes)
    }

    /// Forces the bytes of a file to the disk.
    func syncFile(_ path: String) throws(LetheError) {
        try step(.syncFile, path)
        try FileDescriptor.reading(path).sync()
    }

    /// Forces the names in a folder to the disk.
    func syncFolder(_ path: String) throws(LetheError) {
        try step(.syncFolder, path)
        try FileDescriptor.folder(path).sync()
    }

    /// Forces everything on the file system of a folder to the disk.
    func syncFileSystem(of path: String) throws(LetheError) {
        try step(.syncFileSystem, path)
        try FileDescriptor.folder(path).syncFileSystem()
    }

    /// Gives a finished file its final name, replacing what has that name.
    func rename(_ path: String, to newPath: String) throws(LetheError) {
        try step(.rename, newPath)
        guard unsafe Glibc.rename(path, newPath) != 0 else { return }
        throw SystemError.error(errno, doing: "write", path: newPath)
    }

    /// Removes a file or an empty folder; a missing one is fine.
    func remove(_ path: String) throws(LetheError) {
        try step(.remove, path)
        guard unsafe Glibc.remove(path) != 0, errno != ENOENT else { return }
        throw SystemError.error(errno, doing: "remove", path: path)
    }

    /// Removes a file whose removal was announced before.
    ///
    /// - Returns: whether it was there.
    func removeAnnounced(_ path: String) throws(LetheError) -> Bool {
        if unsafe unlink(path) == 0 { return true }
        if errno == ENOENT { return false }
        throw SystemError.error(errno, doing: "remove", path: path)
    }

    /// Writes a small file so that a crash leaves the old bytes or the new bytes, never a mixture:
    /// temporary file beside it, sync, rename, sync of the folder.
    ///
    /// - Throws: `diskFull`, `io`; the old file is untouched then.
    public func replaceFile(_ url: URL, with bytes: [UInt8]) throws(LetheError) {
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        let temporary = "\(url.path).\(getpid())-\(random).tmp"
        do throws(LetheError) {
            try write(bytes, to: createFile(temporary, mode: 0o644))
            try syncFile(temporary)
            try rename(temporary, to: url.path)
        } catch {
            _ = unsafe unlink(temporary)
            throw error
        }
        try syncFolder(url.deletingLastPathComponent().path)
    }

    /// How long a file is, links not followed; nil if it cannot be looked at.
    ///
    /// Foundation's resource values look up the owner's name as well, three files each time.
    public func sizeBytes(of url: URL) -> Int? {
        (try? FileStatus.of(url.path))?.sizeBytes
    }

    /// Reads a small file.
    ///
    /// - Throws: `notFound`, `io`, and `malformed` if it is longer than `limitBytes`.
    public func readFile(_ url: URL, limitBytes: Int = 1 << 20) throws(LetheError) -> [UInt8] {
        let file = try FileDescriptor.reading(url.path)
        let sizeBytes = try file.status().sizeBytes
        guard sizeBytes <= limitBytes else {
            throw LetheError(
                code: .malformed,
                message: "\(url.path) has \(sizeBytes) bytes; at most \(limitBytes) are allowed.")
        }
        var bytes: [UInt8] = []
        try file.read(into: &bytes, at: 0, count: sizeBytes)
        return bytes
    }
}
