internal import CGit2
internal import Glibc
internal import LetheRecords

/// One open file or folder, closed when it goes out of scope.
///
/// The only file of this module that hands memory to the operating system. It knows nothing of
/// steps; `StoreFiles` decides when these calls happen.
struct FileDescriptor: ~Copyable, Sendable {
    private let raw: CInt
    let path: String

    private init(raw: CInt, path: String, doing what: String) throws(LetheError) {
        guard raw >= 0 else { throw SystemError.error(errno, doing: what, path: path) }
        self.raw = raw
        self.path = path
    }

    deinit {
        // Closing alone would not do: a child that is being born has this file open as well, until
        // it runs its program, and the lock would be held as long as that.
        _ = flock(raw, LOCK_UN)
        close(raw)
    }

    /// Opens a file for reading; the last component may not be a link.
    static func reading(_ path: String) throws(LetheError) -> FileDescriptor {
        try FileDescriptor(
            raw: unsafe open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), path: path, doing: "read")
    }

    /// Opens a file that a person named for reading; links are followed.
    static func readingThroughLinks(_ path: String) throws(LetheError) -> FileDescriptor {
        try FileDescriptor(
            raw: unsafe open(path, O_RDONLY | O_CLOEXEC), path: path, doing: "read")
    }

    /// Makes a file that must not exist yet.
    static func creating(_ path: String, mode: mode_t) throws(LetheError) -> FileDescriptor {
        try FileDescriptor(
            raw: unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode),
            path: path, doing: "create")
    }

    /// Opens a file for locking and short notes, and makes it if need be.
    static func lockFile(_ path: String) throws(LetheError) -> FileDescriptor {
        try FileDescriptor(
            raw: unsafe open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0o644), path: path,
            doing: "open")
    }

    /// Opens a folder that is not a link.
    static func folder(_ path: String) throws(LetheError) -> FileDescriptor {
        try FileDescriptor(
            raw: unsafe open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), path: path,
            doing: "open")
    }

    /// Opens a folder inside this one; it may not be a link.
    func folder(named name: String) throws(LetheError) -> FileDescriptor {
        let below = path + "/" + name
        return try FileDescriptor(
            raw: unsafe openat(raw, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
            path: below, doing: "open")
    }

    /// Makes a file inside this folder that must not exist yet.
    func creating(named name: String, mode: mode_t) throws(LetheError) -> FileDescriptor {
        let below = path + "/" + name
        return try FileDescriptor(
            raw: unsafe openat(
                raw, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode),
            path: below, doing: "create")
    }

    /// Makes a folder inside this folder; an existing one is fine.
    func makeFolder(named name: String) throws(LetheError) {
        guard unsafe mkdirat(raw, name, 0o755) != 0, errno != EEXIST else { return }
        throw SystemError.error(errno, doing: "create", path: path + "/" + name)
    }

    /// Gives a file of this folder another name in this folder, replacing what has that name.
    func rename(_ name: String, to newName: String) throws(LetheError) {
        guard unsafe renameat(raw, name, raw, newName) != 0 else { return }
        throw SystemError.error(errno, doing: "write", path: path + "/" + newName)
    }

    /// Removes a file of this folder; a missing one is fine.
    func remove(named name: String) {
        _ = unsafe unlinkat(raw, name, 0)
    }

    /// What kind of thing this is, how long and which one.
    func status() throws(LetheError) -> FileStatus {
        var status = stat()
        guard unsafe fstat(raw, &status) == 0 else {
            throw SystemError.error(errno, doing: "examine", path: path)
        }
        return FileStatus(status)
    }

    /// Writes all the bytes.
    func write(_ bytes: [UInt8]) throws(LetheError) {
        try unsafe writeAll(bytes) { rest, _ in
            unsafe Glibc.write(raw, rest.baseAddress, rest.count)
        }
    }

    /// Writes all the bytes at an offset, whoever else writes elsewhere.
    func write(_ bytes: [UInt8], at offsetBytes: Int) throws(LetheError) {
        try unsafe writeAll(bytes) { rest, offset in
            unsafe pwrite(raw, rest.baseAddress, rest.count, off_t(offsetBytes + offset))
        }
    }

    /// Hands over what is left, and its offset in `bytes`, until nothing is.
    private func writeAll(
        _ bytes: [UInt8], _ write: (UnsafeRawBufferPointer, Int) -> Int
    ) throws(LetheError) {
        var offset = 0
        while offset < bytes.count {
            let written = unsafe bytes.withUnsafeBytes {
                unsafe write(UnsafeRawBufferPointer(rebasing: $0[offset...]), offset)
            }
            if written < 0 {
                if errno == EINTR { continue }
                throw SystemError.error(errno, doing: "write", path: path)
            }
            offset += written
        }
    }

    /// Fills `buffer` from `offsetBytes`, short only at the end of the file.
    func read(into buffer: inout [UInt8], at offsetBytes: Int, count: Int) throws(LetheError) {
        // Keeps the memory that is there: a buffer goes round and round.
        if buffer.count > count { buffer.removeLast(buffer.count - count) }
        if buffer.count < count { buffer = [UInt8](repeating: 0, count: count) }
        var filled = 0
        while filled < count {
            let got = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe pread(
                    raw, bytes.baseAddress.map { unsafe $0 + filled }, count - filled,
                    off_t(offsetBytes + filled))
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw SystemError.error(errno, doing: "read", path: path)
            }
            if got == 0 { break }
            filled += got
        }
        if filled < count { buffer.removeLast(count - filled) }
    }

    /// Makes this new file share the blocks of another (FICLONE, ioctl_ficlonerange(2)).
    ///
    /// - Returns: false where the file system cannot; nothing has happened then.
    func shareBlocks(of source: borrowing FileDescriptor) -> Bool {
        let clone: UInt = 0x4004_9409
        return ioctl(raw, clone, source.raw) == 0
    }

    /// A second descriptor of the same open file, for somebody else to close.
    func duplicate() throws(LetheError) -> CInt {
        let copy = fcntl(raw, F_DUPFD_CLOEXEC, 0)
        guard copy >= 0 else { throw SystemError.error(errno, doing: "open", path: path) }
        return copy
    }

    /// Locks or frees a run of offsets (fcntl(2), open file description locks), which need not
    /// exist in the file; never waits.
    ///
    /// - Returns: false if somebody else has part of it.
    func lock(_ range: Range<Int>, as kind: RangeLock) throws(LetheError) -> Bool {
        var order = flock()
        order.l_type = Int16(kind.type)
        order.l_whence = Int16(SEEK_SET)
        order.l_start = off_t(range.lowerBound)
        order.l_len = off_t(range.count)
        while unsafe fcntl(raw, Self.lockRange, &order) != 0 {
            if errno == EINTR { continue }
            if errno == EAGAIN || errno == EACCES { return false }
            throw SystemError.error(errno, doing: "lock", path: path)
        }
        return true
    }

    /// F_OFD_SETLK of Linux.
    private static let lockRange: CInt = 37

    /// What to do with a run of offsets.
    enum RangeLock {
        case shared
        case alone
        case free

        fileprivate var type: CInt {
            switch self {
            case .shared: CInt(F_RDLCK)
            case .alone: CInt(F_WRLCK)
            case .free: CInt(F_UNLCK)
            }
        }
    }

    /// Forces the bytes, or the names of a folder, to the disk.
    func sync() throws(LetheError) {
        guard fsync(raw) != 0 else { return }
        throw SystemError.error(errno, doing: "sync", path: path)
    }

    /// Asks the operating system to begin writing to the disk, and does not wait.
    ///
    /// A hint: the sync that follows finds less to do.
    func startWriteback() {
        lethe_start_writeback(raw)
    }

    /// Tells the operating system, as a hint, that the file is read from beginning to end.
    func willReadInOrder() {
        _ = posix_fadvise(raw, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    /// Forces everything on this file's file system to the disk.
    func syncFileSystem() throws(LetheError) {
        guard syncfs(raw) != 0 else { return }
        throw SystemError.error(errno, doing: "sync the file system of", path: path)
    }

    /// Takes an advisory lock (flock(2)) that dies with the process, for itself alone or with
    /// others; waits if asked to.
    ///
    /// - Returns: false if somebody else has it.
    func lock(waiting: Bool, isShared: Bool = false) throws(LetheError) -> Bool {
        let kind = isShared ? LOCK_SH : LOCK_EX
        while flock(raw, waiting ? kind : kind | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            if errno == EWOULDBLOCK { return false }
            throw SystemError.error(errno, doing: "lock", path: path)
        }
        return true
    }

    /// Replaces the text of a lock file, without syncing: it only has to outlive this process.
    func note(_ text: String) throws(LetheError) {
        guard ftruncate(raw, 0) == 0, lseek(raw, 0, SEEK_SET) == 0 else {
            throw SystemError.error(errno, doing: "write", path: path)
        }
        try write(Array(text.utf8))
    }
}

/// What the operating system says about a file.
struct FileStatus: Equatable {
    let isRegular: Bool
    let isFolder: Bool
    let sizeBytes: Int
    let modifiedNanoseconds: Int
    let changedNanoseconds: Int
    let device: UInt64
    let inode: UInt64

    init(_ status: stat) {
        isRegular = status.st_mode & S_IFMT == S_IFREG
        isFolder = status.st_mode & S_IFMT == S_IFDIR
        sizeBytes = Int(status.st_size)
        modifiedNanoseconds = status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec
        changedNanoseconds = status.st_ctim.tv_sec * 1_000_000_000 + status.st_ctim.tv_nsec
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// The status of a path, links not followed; nil if there is nothing.
    static func of(_ path: String) throws(LetheError) -> FileStatus? {
        var status = stat()
        if unsafe lstat(path, &status) == 0 { return FileStatus(status) }
        if errno == ENOENT || errno == ENOTDIR { return nil }
        throw SystemError.error(errno, doing: "examine", path: path)
    }
}
