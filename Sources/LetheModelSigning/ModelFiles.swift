internal import Foundation
internal import LetheRecords

/// The files of a model's folder as the OpenSSF format lists them.
struct ModelFiles {
    /// Left out where they stand at the top of the folder, as the stock client does.
    static let ignored = [".git", ".gitattributes", ".github", ".gitignore"]

    let folder: URL

    /// The paths of all ordinary files but the ignored ones, in the stock client's order: folder by
    /// folder, byte by byte.
    ///
    /// - Parameter ignoring: Paths below the folder that are left out, files or whole folders.
    /// - Throws: `refused` for a link, `notFound` if the folder cannot be read.
    func paths(ignoring: [String]) throws(LetheError) -> [String] {
        guard let all = FileManager.default.enumerator(atPath: folder.path) else {
            throw LetheError(
                code: .notFound, message: "The folder \(folder.path) cannot be read.",
                remedy: "Name the folder of a model.")
        }
        var found: [[String]] = []
        for case let path as String in all {
            if ignoring.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) { continue }
            let type = try? FileManager.default
                .attributesOfItem(atPath: folder.appending(path: path).path)[.type]
            switch type as? FileAttributeType {
            case .typeDirectory?: continue
            case .typeRegular?: found.append(path.split(separator: "/").map(String.init))
            default:
                throw LetheError(
                    code: .refused, message: "\(path) is no ordinary file.",
                    remedy: "Replace the link by the file that it points to.")
            }
        }
        let ordered = found.sorted { left, right in
            left.lexicographicallyPrecedes(right) {
                $0.utf8.lexicographicallyPrecedes($1.utf8)
            }
        }
        return ordered.map { $0.joined(separator: "/") }
    }

    /// SHA-256 of a file, or of a part of it.
    ///
    /// - Throws: `notFound` if the file cannot be read.
    func digest(of path: String, in range: Range<Int>? = nil) throws(LetheError) -> Digest {
        do {
            let file = try FileHandle(forReadingFrom: folder.appending(path: path))
            defer { try? file.close() }
            try file.seek(toOffset: UInt64(range?.lowerBound ?? 0))
            var left = range?.count ?? .max
            var hasher = DigestHasher()
            while left > 0, let piece = try file.read(upToCount: min(left, 1 << 20)),
                !piece.isEmpty
            {
                hasher.update([UInt8](piece))
                left -= piece.count
            }
            return hasher.finalize()
        } catch {
            throw LetheError(
                code: .notFound, message: "\(path) cannot be read.",
                remedy: "See that the model is whole.", cause: error)
        }
    }

    /// The length of a file in bytes.
    func sizeBytes(of path: String) -> Int? {
        let attributes = try? FileManager.default
            .attributesOfItem(atPath: folder.appending(path: path).path)
        return (attributes?[.size] as? NSNumber)?.intValue
    }
}
