import Foundation
import LetheRecords

/// Reads `SPLIT/CLASS/FILE` or `CLASS/FILE` folders.
///
/// Classes are the sorted names of the class folders over all splits. Every file in a class folder
/// counts as an image, so that one in a format that does not decode is reported, not skipped.
enum FolderReader {
    static func read(_ root: URL) throws(LetheError) -> DatasetContents {
        let top = try folders(in: root, root: root)
        var nested = 0
        for name in top where try !folders(in: root.appending(path: name), root: root).isEmpty {
            nested += 1
        }
        guard nested == 0 || nested == top.count else {
            throw LetheError(
                code: .malformed,
                message: "Some folders in \(root.lastPathComponent) hold folders and some do not.",
                remedy: "Arrange the images as SPLIT/CLASS/FILE or as CLASS/FILE.")
        }
        let splits = nested == 0 ? [("all", "")] : top.map { ($0, $0 + "/") }
        var classes: Set<String> = []
        for (_, prefix) in splits {
            classes.formUnion(try folders(in: root.appending(path: prefix), root: root))
        }
        let names = classes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var contents = DatasetContents(classNames: names, encoding: .file)
        for (split, prefix) in splits {
            for (label, name) in names.enumerated() {
                try append(
                    prefix + name, split: split, label: label, root: root, to: &contents)
            }
        }
        return contents
    }

    private static func append(
        _ path: String, split: String, label: Int, root: URL, to contents: inout DatasetContents
    ) throws(LetheError) {
        let folder = root.appending(path: path)
        guard FileReading.exists(folder) else { return }
        for entry in try DirectoryListing(folder).entries(of: folder, resolvedWithin: root) {
            guard entry.kind == .file else {
                throw LetheError(
                    code: .malformed, message: "\(path)/\(entry.name) is a folder in a class.",
                    remedy: "Arrange the images as SPLIT/CLASS/FILE or as CLASS/FILE.")
            }
            contents.append(split: split, label: label, location: .file("\(path)/\(entry.name)"))
        }
    }

    private static func folders(in folder: URL, root: URL) throws(LetheError) -> [String] {
        try DirectoryListing(folder).entries(of: folder, resolvedWithin: root)
            .filter { $0.kind == .folder }.map(\.name)
    }
}
