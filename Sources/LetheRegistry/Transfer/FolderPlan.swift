public import Foundation
public import LetheRecords
internal import LetheStorage

/// What of a model folder is published, cut into the objects that a registry would make of it: so
/// that somebody far away can say which of them it lacks.
public struct FolderPlan: Sendable {
    /// A file of the folder.
    public struct File: Sendable {
        /// Where it lies.
        public let url: URL
        /// The length in bytes.
        public let sizeBytes: Int
        /// SHA-256 of the whole file.
        public let digest: Digest
        /// Its parts, in order.
        public let parts: [Part]
    }

    /// A run of bytes of a file.
    public struct Part: Sendable {
        /// Offsets in the file.
        public let range: Range<Int>
        /// SHA-256 of the bytes.
        public let digest: Digest
    }

    private static let pieceSizeBytes = 1 << 20

    /// The files that `publish` would take.
    public let files: [File]

    /// Reads and hashes a folder, each byte once.
    ///
    /// - Throws: `notFound` naming what is missing; `unsupported` for a pickle; `malformed`; `io`.
    public init(_ folder: URL) throws(LetheError) {
        let source = try ModelFolder(folder)
        var files: [File] = []
        for name in source.names { files.append(try Self.file(folder.appending(path: name))) }
        self.files = files
    }

    private static func file(_ url: URL) throws(LetheError) -> File {
        let segments = try ObjectStore.segments(of: url)
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            var whole = DigestHasher()
            var parts: [Part] = []
            for segment in segments {
                var hasher = DigestHasher()
                var left = segment.count
                while left > 0 {
                    let piece = try handle.read(upToCount: min(left, pieceSizeBytes)) ?? Data()
                    guard !piece.isEmpty else { throw CocoaError(.fileReadUnknown) }
                    let bytes = [UInt8](piece)
                    hasher.update(bytes)
                    whole.update(bytes)
                    left -= bytes.count
                }
                parts.append(Part(range: segment, digest: hasher.finalize()))
            }
            return File(
                url: url, sizeBytes: segments.last?.upperBound ?? 0, digest: whole.finalize(),
                parts: parts)
        } catch {
            throw LetheError(
                code: .io, message: "\(url.path) cannot be read to its end.",
                remedy: "Is somebody writing it? Try again.", cause: error)
        }
    }
}
