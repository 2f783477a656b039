import Foundation
import LetheRecords

/// The forms in which labelled images come.
public enum DatasetFormat: String, Sendable, CaseIterable {
    /// `SPLIT/CLASS/FILE` or `CLASS/FILE`, JPEG or PNG.
    case folder
    /// `images.tar` and `index.tsv`.
    case tar
    /// The IDX files of MNIST and its successors, plain or gzipped.
    case idx
    /// The binary files of CIFAR-10.
    case cifar10
    /// The binary files of CIFAR-100; the fine labels are the classes.
    case cifar100

    /// The form of the files in a folder.
    ///
    /// - Throws: `notFound` if the folder is not there or holds nothing that is known.
    static func recognised(in folder: URL) throws(LetheError) -> DatasetFormat {
        let names = Set(try DirectoryListing(folder).entries.map(\.name))
        if names.contains("images.tar"), names.contains("index.tsv") { return .tar }
        if names.contains(where: { $0.contains("-idx3-ubyte") }) { return .idx }
        let binaries = names.filter { $0.hasSuffix(".bin") }.sorted()
        if !binaries.isEmpty { return try cifar(in: folder, names: names, binaries: binaries) }
        if try DirectoryListing(folder).entries.contains(where: { $0.kind == .folder }) {
            return .folder
        }
        throw LetheError(
            code: .notFound,
            message: "\(folder.lastPathComponent) is not a dataset that Lethe can read.",
            remedy: "Give a folder of SPLIT/CLASS/FILE images, images.tar with index.tsv, "
                + "IDX files, or CIFAR binaries.")
    }

    private static func cifar(
        in folder: URL, names: Set<String>, binaries: [String]
    ) throws(LetheError) -> DatasetFormat {
        if names.contains(where: { $0.hasPrefix("data_batch_") }) { return .cifar10 }
        if names.contains("fine_classes.txt") || names.contains("fine_label_names.txt") {
            return .cifar100
        }
        let size = try FileReading.sizeBytes(of: folder.appending(path: binaries[0]))
        let fits10 = size % CIFARReader.recordSizeBytes(.cifar10) == 0
        let fits100 = size % CIFARReader.recordSizeBytes(.cifar100) == 0
        if fits10 != fits100 { return fits10 ? .cifar10 : .cifar100 }
        throw LetheError(
            code: .malformed,
            message: "\(binaries[0]) has \(size) bytes: that could be neither or both of CIFAR-10 "
                + "and CIFAR-100.",
            remedy: "Name the format: cifar10 or cifar100.")
    }
}
