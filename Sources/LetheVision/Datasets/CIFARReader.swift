import Foundation
import LetheRecords

/// Reads the binary version of CIFAR-10 (one label byte a record) and CIFAR-100 (coarse label,
/// then fine label), each followed by 32 x 32 red, green and blue bytes.
enum CIFARReader {
    private static let side = 32
    private static let pixelCount = 3 * side * side

    static func recordSizeBytes(_ format: DatasetFormat) -> Int {
        pixelCount + labelBytes(format)
    }

    private static func labelBytes(_ format: DatasetFormat) -> Int { format == .cifar100 ? 2 : 1 }

    static func read(_ root: URL, format: DatasetFormat) throws(LetheError) -> DatasetContents {
        var contents = DatasetContents(encoding: .planes(width: side, height: side))
        for (name, split) in try files(in: root) {
            try append(root.appending(path: name), format: format, split: split, to: &contents)
        }
        guard !contents.sources.isEmpty else {
            throw LetheError(
                code: .notFound, message: "There is no CIFAR file in \(root.lastPathComponent).",
                remedy: "Give the folder with train.bin, test.bin or data_batch_1.bin.")
        }
        let names =
            format == .cifar10
            ? ["classes.txt", "batches.meta.txt"] : ["fine_classes.txt", "fine_label_names.txt"]
        for name in names where contents.classNames == nil {
            contents.classNames = try ClassNames.read(name, in: root)
        }
        return contents
    }

    /// The binaries in the order of their numbers, each with its split.
    private static func files(in root: URL) throws(LetheError) -> [(String, String)] {
        let names = try DirectoryListing(root).entries.map(\.name).filter { $0.hasSuffix(".bin") }
        let training = names.filter { $0 == "train.bin" || $0.hasPrefix("data_batch_") }
        let test = names.filter { $0 == "test.bin" || $0 == "test_batch.bin" }
        return training.map { ($0, "train") } + test.map { ($0, "test") }
    }

    private static func append(
        _ url: URL, format: DatasetFormat, split: String, to contents: inout DatasetContents
    ) throws(LetheError) {
        let recordSize = recordSizeBytes(format)
        let size = try FileReading.sizeBytes(of: url)
        guard size > 0, size % recordSize == 0 else {
            throw LetheError(
                code: .malformed,
                message: "\(url.lastPathComponent) has \(size) bytes, not a multiple of the "
                    + "\(recordSize) bytes of a \(format.rawValue) record.",
                remedy: "Fetch the file again, or name the other CIFAR format.")
        }
        let bytes = try FileReading.range(of: url, offset: 0, count: size)
        let limit = format == .cifar10 ? 10 : 100
        let source = contents.sources.count
        contents.sources.append(.file(url))
        for start in stride(from: 0, to: size, by: recordSize) {
            let label = Int(bytes[start + labelBytes(format) - 1])
            guard label < limit else {
                throw LetheError(
                    code: .malformed,
                    message: "Record \(start / recordSize) of \(url.lastPathComponent) has the "
                        + "label \(label), but \(format.rawValue) has \(limit) classes.",
                    remedy: "Name the other CIFAR format, or fetch the file again.")
            }
            contents.append(
                split: split, label: label,
                location: .range(
                    source: source, offset: start + labelBytes(format), count: pixelCount))
        }
    }
}
