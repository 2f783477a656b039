public import Foundation
internal import Glibc
public import LetheRecords

/// What the file system says about a file without reading it; the same evidence later means the
/// same bytes, if the file was at rest when it was read.
public struct FileEvidence: Sendable, Hashable {
    /// The path, links followed.
    public let path: String
    let device: UInt64
    let inode: UInt64
    let sizeBytes: Int
    let modifiedNanoseconds: Int
    let changedNanoseconds: Int
    /// Whether the file had not changed in the two seconds before the look.
    ///
    /// A change in the same
    /// tick of the clock as the reading would not show (git's "racily clean" entries:
    /// gitformat-index(5)), so other evidence is never relied on.
    public let isSettled: Bool

    private static let settledAfterNanoseconds = 2_000_000_000

    /// Looks at a file.
    ///
    /// - Throws: `notFound`, `io`.
    public init(of url: URL) throws(LetheError) {
        let file = try FileDescriptor.readingThroughLinks(url.path)
        let status = try file.status()
        path = url.resolvingSymlinksInPath().path
        device = status.device
        inode = status.inode
        sizeBytes = status.sizeBytes
        modifiedNanoseconds = status.modifiedNanoseconds
        changedNanoseconds = status.changedNanoseconds
        let now = Int(Date().timeIntervalSince1970 * 1e9)
        let newest = max(status.modifiedNanoseconds, status.changedNanoseconds)
        isSettled = newest < now - Self.settledAfterNanoseconds
    }

    /// The evidence in one line.
    var text: String {
        "\(device) \(inode) \(sizeBytes) \(modifiedNanoseconds) \(changedNanoseconds)"
    }
}
