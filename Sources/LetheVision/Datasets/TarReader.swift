import Foundation
import LetheRecords

/// Reads `images.tar` with `index.tsv`, whose first row names its columns: a label (`label` or
/// `class_index`) and a file (`file` or `member`), and optionally a split and a class name.
enum TarReader {
    private struct Columns {
        let count: Int
        let label: Int
        let file: Int
        let split: Int?
        let name: Int?

        init(_ header: [String]) throws(LetheError) {
            func first(of names: [String]) -> Int? {
                names.lazy.compactMap(header.firstIndex(of:)).first
            }
            guard let label = first(of: ["label", "class_index"]),
                let file = first(of: ["file", "member", "path"])
            else {
                throw TarReader.malformed(
                    "its first row names no label column (label, class_index) or no file column "
                        + "(file, member, path)")
            }
            count = header.count
            self.label = label
            self.file = file
            split = header.firstIndex(of: "split")
            name = first(of: ["name", "identity", "class"])
        }
    }

    static func read(_ root: URL) throws(LetheError) -> DatasetContents {
        let archive = root.appending(path: "images.tar")
        let members = try TarArchive(archive).members
        let rows = try FileReading.lines(of: root.appending(path: "index.tsv"))
            .map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
        guard let header = rows.first else { throw malformed("it is empty") }
        let columns = try Columns(header)
        var contents = DatasetContents(sources: [.file(archive)], encoding: .file)
        var names: [Int: String] = [:]
        for (number, row) in rows.enumerated().dropFirst() {
            guard row.count == columns.count else {
                throw malformed("row \(number + 1) has \(row.count) columns, not \(columns.count)")
            }
            guard let label = Int(row[columns.label]), label >= 0, label < 1 << 24 else {
                throw malformed("row \(number + 1) has no label")
            }
            guard let place = members[row[columns.file]] else {
                throw malformed("row \(number + 1) names a file that images.tar does not hold")
            }
            if let name = columns.name { names[label] = row[name] }
            contents.append(
                split: columns.split.map { row[$0] } ?? "all", label: label,
                location: .range(source: 0, offset: place.lowerBound, count: place.count))
        }
        let ordered = (0..<names.count).compactMap { names[$0] }
        if !names.isEmpty, ordered.count == names.count { contents.classNames = ordered }
        return contents
    }

    static func malformed(_ reason: String) -> LetheError {
        LetheError(
            code: .malformed, message: "index.tsv is not valid: \(reason).",
            remedy: "Fetch images.tar and index.tsv again, together.")
    }
}
