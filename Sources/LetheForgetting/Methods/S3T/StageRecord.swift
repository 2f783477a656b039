public import Foundation
public import LetheRecords
import LetheTensor

extension StageRecord {
    /// Reads the header of a stage's file and hashes the file.
    ///
    /// - Throws: `malformed` if it is no stage's file, `io`.
    public init(reading url: URL) throws(LetheError) {
        try self.init(
            metadata: Safetensors.open(url).header.metadata, file: FileDigest.of(url),
            named: url.lastPathComponent)
    }
}
