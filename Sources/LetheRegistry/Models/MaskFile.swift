internal import Foundation
internal import LetheRecords
internal import LetheStorage

/// `mask.safetensors` of a model folder: the mask of a pruned model.
enum MaskFile {
    private static let pieceSizeBytes = 1 << 20

    /// Compares the mask with the weights beside it.
    ///
    /// - Throws: `malformed` for a mask that does not fit, `integrity` for a held number that is not
    ///   zero, `notFound` for files that cannot be read.
    static func check(in folder: URL) throws(LetheError) {
        let mask = try PruningMask(
            parsing: StoreFiles().readFile(
                folder.appending(path: PruningMask.fileName), limitBytes: PruningMask.limitBytes))
        let url = folder.appending(path: VersionTree.weightsName)
        do {
            let file = try FileHandle(forReadingFrom: url)
            defer { try? file.close() }
            let sizeBytes = Int(try file.seekToEnd())
            try file.seek(toOffset: 0)
            var check = MaskedWeights(mask, sizeBytes: sizeBytes)
            while let piece = try file.read(upToCount: pieceSizeBytes), !piece.isEmpty {
                try check.add([UInt8](piece))
            }
            try check.finish()
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .notFound, message: "\(url.lastPathComponent) cannot be read.",
                remedy: "See that the file is there and that you may read it.", cause: error)
        }
    }
}
