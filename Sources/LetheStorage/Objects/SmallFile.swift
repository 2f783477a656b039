public import Foundation
public import LetheRecords

/// A short file that is one object, read and hashed before it is stored.
///
/// Any thread may make one; `ObjectBatch.put` stores it.
public struct SmallFile: Sendable {
    let bytes: [UInt8]
    let digest: Digest

    init?(_ intake: IntakeFile) throws(LetheError) {
        guard intake.segments.count == 1,
            intake.status.sizeBytes < IntakePipeline.worthwhileFromBytes
        else { return nil }
        bytes = try intake.bytes(of: intake.segments[0])
        digest = Digest(hashing: bytes)
        try intake.requireUnchanged()
    }
}

extension ObjectStore {
    /// Reads and hashes a file that would be stored as one object; nil for one that is long or
    /// that would be cut.
    ///
    /// - Throws: `notFound`, `io`, also if the file changes meanwhile; `malformed` for a bad
    ///   safetensors file.
    public func smallFile(_ url: URL) throws(LetheError) -> SmallFile? {
        try SmallFile(IntakeFile(url, limits: limits))
    }
}
