internal import Glibc
internal import LetheRecords

/// A lock file in `locks/` that one process at a time holds; it is free again when that process
/// dies (flock(2)).
struct NamedLock: ~Copyable {
    private let file: FileDescriptor
    /// Whether the last holder died in the middle of what the lock protects.
    let isAbandoned: Bool

    /// Waits for the lock.
    init(_ path: String, files: StoreFiles) throws(LetheError) {
        try files.step(.lock, path)
        let opened = try FileDescriptor.lockFile(path)
        _ = try opened.lock(waiting: true)
        let hasNote = try opened.status().sizeBytes > 0
        try opened.note("held by process \(getpid())\n")
        isAbandoned = hasNote
        file = opened
    }

    /// Says that the work is done, so that the next holder finds nothing to mend.
    ///
    /// What the lock protects is over, so a failure here must not become the failure of the work.
    func finish() {
        try? file.note("")
    }
}
