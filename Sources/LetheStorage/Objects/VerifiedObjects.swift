internal import Foundation
internal import LetheRecords
internal import Synchronization

/// What this process hashed and found whole, and how the file system described it then.
///
/// The same description later means the same bytes, if the object was at rest when it was read
/// (docs/decisions/0012): a program cannot set back the time of a file's last change. What rots on
/// the disk underneath is not seen here; that is the business of `fsck`.
final class VerifiedObjects: Sendable {
    /// An entry takes about 150 bytes.
    private static let maximumCount = 200_000

    private let known = Mutex<[Digest: FileStatus]>([:])
    private let settledAfterNanoseconds: Int

    /// - Parameter settledAfterNanoseconds: How long an object must have been at rest when it was
    ///   looked at; a later change within the same tick of the clock would not show.
    init(settledAfterNanoseconds: Int = 2_000_000_000) {
        self.settledAfterNanoseconds = settledAfterNanoseconds
    }

    /// Whether an object was found whole, and has not changed since.
    func contains(_ digest: Digest, _ status: FileStatus) -> Bool {
        known.withLock { $0[digest] == status }
    }

    /// Whether an object with this description had been at rest for long enough by now.
    func isSettled(_ status: FileStatus) -> Bool {
        let now = Int(Date().timeIntervalSince1970 * 1e9)
        let newest = max(status.modifiedNanoseconds, status.changedNanoseconds)
        return newest < now - settledAfterNanoseconds
    }

    /// Remembers that an object was found whole.
    func remember(_ digest: Digest, _ status: FileStatus) {
        known.withLock { known in
            if known.count >= Self.maximumCount { known = [:] }
            known[digest] = status
        }
    }
}
