internal import Foundation
public import LetheRecords
internal import Synchronization

/// Lets whoever revokes wait for bytes that are on their way, in whichever process
/// (`locks/sending`).
///
/// A sender holds, shared with others, one offset of the file for each line and moment at which it
/// looked whether it may send; whoever has moved the line takes all offsets of the line but that of
/// the new moment, for itself alone. Senders that looked later do not keep it waiting, so it waits
/// for what was on its way and no longer: a grace period, as in read-copy-update.
public final class SendingLock: Sendable {
    /// Offsets of one line; two lines or moments that share one wait for each other needlessly.
    private static let lineSpan = 1 << 28

    private let file: FileDescriptor
    private let counts = Mutex<[Int: Int]>([:])

    /// Opens the lock file, and makes it if need be.
    ///
    /// - Throws: `io`; where the registry cannot be written the file must be there.
    public init(_ layout: RegistryLayout) throws(LetheError) {
        let path = layout.locks.appending(path: "sending").path
        let opened = try? FileDescriptor.lockFile(path)
        file = if let opened { opened } else { try FileDescriptor.reading(path) }
    }

    /// The offset of a line at a moment.
    ///
    /// - Parameters:
    ///   - line: The line's name.
    ///   - moment: Whatever tells its moments apart.
    public static func offset(line: String, moment: String) -> Int {
        hash(line) * lineSpan + hash(moment)
    }

    /// Holds an offset; as often as it was held it must be let go.
    ///
    /// - Returns: false if somebody waits for just that one, whose moment is over then.
    public func hold(_ offset: Int) throws(LetheError) -> Bool {
        try counts.withLock { (counts) throws(LetheError) in
            if counts[offset] == nil {
                guard try file.lock(offset..<(offset + 1), as: .shared) else { return false }
            }
            counts[offset, default: 0] += 1
            return true
        }
    }

    /// Lets an offset go.
    public func letGo(_ offset: Int) {
        counts.withLock { counts in
            let count = (counts[offset] ?? 1) - 1
            counts[offset] = count == 0 ? nil : count
            // What cannot be freed is freed with the process.
            if count == 0 { _ = try? file.lock(offset..<(offset + 1), as: .free) }
        }
    }

    /// Waits until nobody holds an offset of the same line but this one.
    ///
    /// - Returns: false if somebody still does after `limitSeconds`.
    public func waitForOthers(
        than offset: Int, limitSeconds: Double
    ) throws(LetheError) -> Bool {
        let start = offset / Self.lineSpan * Self.lineSpan
        let deadline = Date().addingTimeInterval(limitSeconds)
        for range in [start..<offset, (offset + 1)..<(start + Self.lineSpan)]
        where !range.isEmpty {
            while try !file.lock(range, as: .alone) {
                guard Date() < deadline else { return false }
                Thread.sleep(forTimeInterval: 0.005)
            }
            _ = try file.lock(range, as: .free)
        }
        return true
    }

    private static func hash(_ text: String) -> Int {
        Digest(hashing: Array(text.utf8)).hex.prefix(7).reduce(0) {
            $0 << 4 | ($1.hexDigitValue ?? 0)
        }
    }
}
