internal import LetheRecords

/// Keeps the newest keys the newest: writers share it for as long as they have objects on their
/// way, and whoever retires a key has it alone.
final class KeyLock {
    private let file: FileDescriptor

    /// Waits for it.
    init(_ layout: String, isShared: Bool) throws(LetheError) {
        let opened = try FileDescriptor.lockFile(layout)
        _ = try opened.lock(waiting: true, isShared: isShared)
        file = opened
    }
}
