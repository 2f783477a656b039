public import Foundation
public import LetheRecords

extension ObjectStore {
    /// Where a store would cut a file into objects, in order, without holes; nothing is stored.
    ///
    /// - Returns: runs of bytes; none for an empty file.
    /// - Throws: `notFound`, `io`; `malformed` for damaged weights.
    public static func segments(of url: URL) throws(LetheError) -> [Range<Int>] {
        try IntakeFile(url, limits: SegmentLimits()).segments.filter { !$0.isEmpty }
    }
}
