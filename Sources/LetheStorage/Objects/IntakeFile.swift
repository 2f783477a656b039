internal import Foundation
internal import LetheRecords

/// A file from outside that is about to be stored: open, and cut into the objects that it will be.
struct IntakeFile: Sendable {
    let opened: OpenFile
    let status: FileStatus
    /// The objects, in order, without holes.
    let segments: [Range<Int>]

    /// Opens a file; links are followed, because a person named it.
    ///
    /// - Throws: `notFound`, `io`; `invalidArgument` for what is no ordinary file; `malformed` for
    ///   a bad safetensors file.
    init(_ url: URL, limits: SegmentLimits) throws(LetheError) {
        opened = OpenFile(try FileDescriptor.readingThroughLinks(url.path))
        status = try opened.file.status()
        guard status.isRegular else {
            throw LetheError(code: .invalidArgument, message: "\(url.path) is no ordinary file.")
        }
        segments = try Self.segments(
            of: opened.file, url: url, sizeBytes: status.sizeBytes, limits: limits)
    }

    private static func segments(
        of source: borrowing FileDescriptor, url: URL, sizeBytes: Int, limits: SegmentLimits
    ) throws(LetheError) -> [Range<Int>] {
        guard url.pathExtension == "safetensors" else { return [0..<sizeBytes] }
        var prefix: [UInt8] = []
        try source.read(into: &prefix, at: 0, count: min(8, sizeBytes))
        let headerEnd = 8 + (try SafetensorsHeader.jsonLength(ofFirstEight: prefix))
        try source.read(into: &prefix, at: 0, count: min(headerEnd, sizeBytes))
        let header = try SafetensorsHeader(parsing: prefix, fileSizeBytes: sizeBytes)
        // Nobody changes single tensors of a small adapter, and a thousand of them are a thousand
        // objects, not six thousand.
        if url.lastPathComponent == "adapter_model.safetensors",
            sizeBytes <= limits.joinUpToBytes
        {
            return [0..<sizeBytes]
        }
        return SegmentPlan(header, limits: limits).segments
    }

    /// Reads one of the objects.
    ///
    /// - Throws: `io`, also if the file has become shorter.
    func bytes(of segment: Range<Int>) throws(LetheError) -> [UInt8] {
        var bytes: [UInt8] = []
        try opened.file.read(into: &bytes, at: segment.lowerBound, count: segment.count)
        guard bytes.count == segment.count else { throw Self.changed(opened.file.path) }
        return bytes
    }

    /// - Throws: `io` if the file is not what it was when it was opened.
    func requireUnchanged() throws(LetheError) {
        guard try opened.file.status() == status else { throw Self.changed(opened.file.path) }
    }

    static func changed(_ path: String) -> LetheError {
        LetheError(
            code: .io, message: "\(path) was changed while it was being read.",
            remedy: "Wait until it is written and run the same command again.")
    }
}
