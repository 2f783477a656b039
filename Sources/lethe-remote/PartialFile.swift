internal import Foundation
internal import LetheRecords

/// A file of a pull, of which a part may be there already.
final class PartialFile {
    private(set) var countBytes = 0
    /// Whether a part was there before.
    private(set) var isGoingOn = false
    private let handle: FileHandle
    private var hasher = DigestHasher()

    /// Opens it, and reads what is there.
    ///
    /// - Parameter limitBytes: What is longer is of no use.
    init(_ url: URL, limitBytes: Int, goesOn: Bool) throws {
        if !FileManager.default.fileExists(atPath: url.path) { try Data().write(to: url) }
        handle = try FileHandle(forUpdating: url)
        guard goesOn, try handle.seekToEnd() <= UInt64(limitBytes) else {
            try restart()
            return
        }
        try handle.seek(toOffset: 0)
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty {
            hasher.update([UInt8](piece))
            countBytes += piece.count
        }
        isGoingOn = countBytes > 0
    }

    deinit { try? handle.close() }

    /// Begins at the beginning.
    func restart() throws {
        try handle.truncate(atOffset: 0)
        hasher = DigestHasher()
        countBytes = 0
        isGoingOn = false
    }

    func append(_ bytes: [UInt8]) throws {
        hasher.update(bytes)
        try handle.write(contentsOf: Data(bytes))
        countBytes += bytes.count
    }

    /// The digest of everything; nothing can be added afterwards.
    func finish() -> Digest { hasher.finalize() }
}
