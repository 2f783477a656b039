import Foundation
import LetheRecords
import LetheVision

/// The file that a certificate is about.
enum WeightsFile {
    private static let chunkSizeBytes = 4 << 20

    /// Makes sure that the file in a model folder is the one that the report will name: the weights,
    /// or the record of an ensemble.
    ///
    /// The judge hashes the file itself: a certificate is its word, not the store's.
    ///
    /// - Throws: `notFound` without a `model.safetensors`, `integrity` for another digest.
    static func require(_ digest: Digest, in folder: URL) throws(LetheError) {
        // Loading an ensemble compares every file that it names.
        let name =
            EnsembleFiles.isPresent(in: folder) ? EnsembleRecord.fileName : "model.safetensors"
        let found = try self.digest(of: folder.appending(path: name))
        guard found == digest else {
            throw LetheError(
                code: .integrity,
                message: "The weights to judge should be \(digest), the file in "
                    + "\(folder.lastPathComponent) is \(found).",
                remedy: "Run lethe fsck, then judge again.")
        }
    }

    static func digest(of file: URL) throws(LetheError) -> Digest {
        do {
            let handle = try FileHandle(forReadingFrom: file)
            defer { try? handle.close() }
            var hasher = DigestHasher()
            while let chunk = try handle.read(upToCount: chunkSizeBytes), !chunk.isEmpty {
                hasher.update([UInt8](chunk))
            }
            return hasher.finalize()
        } catch {
            throw LetheError(
                code: .notFound,
                message: "\(file.lastPathComponent) in "
                    + "\(file.deletingLastPathComponent().lastPathComponent) cannot be read.",
                remedy: "Judge a folder that holds config.json and one model.safetensors.",
                cause: error)
        }
    }
}
