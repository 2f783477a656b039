public import Foundation
public import LetheRecords

/// The files that `ensemble.json` names.
public enum EnsembleFiles {
    private static let chunkSizeBytes = 4 << 20

    /// Whether a folder holds an ensemble.
    public static func isPresent(in folder: URL) -> Bool {
        FileManager.default.fileExists(atPath: url(folder).path)
    }

    /// Reads the record.
    ///
    /// - Throws: `notFound`, `malformed`, `unsupported` for another way to combine the members.
    public static func read(_ folder: URL) throws(LetheError) -> EnsembleRecord {
        let record = try EnsembleRecord.read(
            canonical: FileReading.whole(url(folder), maximumSizeBytes: 16 << 20))
        guard record.combination == EnsembleRecord.meanOfScores else {
            throw LetheError(
                code: .unsupported,
                message: "The members' answers are combined by \"\(record.combination)\".",
                remedy: "A newer ensemble needs a newer Lethe.")
        }
        return record
    }

    /// Makes sure that files are the ones that the record names.
    ///
    /// - Throws: `notFound`, `integrity`, `refused` for a path that leaves the folder.
    public static func require(
        _ files: [EnsembleFile], in folder: URL
    ) throws(LetheError) {
        for file in files {
            guard !file.path.split(separator: "/").contains(".."), !file.path.hasPrefix("/") else {
                throw LetheError(
                    code: .refused, message: "The ensemble names a file outside of its folder.",
                    remedy: "Do not use it.")
            }
            guard try digest(of: folder.appending(path: file.path)) == file.digest else {
                throw LetheError(
                    code: .integrity,
                    message: "\(file.path) is not the file that the ensemble names.",
                    remedy: "Pull the version again.")
            }
        }
    }

    private static func url(_ folder: URL) -> URL {
        folder.appending(path: EnsembleRecord.fileName)
    }

    private static func digest(of url: URL) throws(LetheError) -> Digest {
        do {
            let handle = try FileHandle(forReadingFrom: url)
            defer { try? handle.close() }
            var hasher = DigestHasher()
            while let chunk = try handle.read(upToCount: chunkSizeBytes), !chunk.isEmpty {
                hasher.update([UInt8](chunk))
            }
            return hasher.finalize()
        } catch {
            throw LetheError(
                code: .notFound, message: "\(url.lastPathComponent) cannot be read.",
                remedy: "Pull the version again.", cause: error)
        }
    }
}
