import Foundation
import TestSupport

/// Writes small datasets in every form.
struct DatasetFiles {
    let folder: TemporaryFolder
    var url: URL { folder.url }

    init() throws { folder = try TemporaryFolder() }

    func write(_ bytes: [UInt8], _ path: String) throws {
        let file = url.appending(path: path)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
    }

    func write(_ text: String, _ path: String) throws { try write(Array(text.utf8), path) }

    /// The header and content of an IDX file.
    static func idx(_ lengths: [Int], _ content: [UInt8], type: UInt8 = 8) -> [UInt8] {
        [0, 0, type, UInt8(lengths.count)]
            + lengths.flatMap { length in (0..<4).map { UInt8(length >> (24 - 8 * $0) & 255) } }
            + content
    }

    /// A file of a ustar archive with its padding.
    static func tarEntry(
        _ name: String, _ content: [UInt8], type: Character = "0", size: Int? = nil
    ) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) {
            for (index, byte) in text.utf8.enumerated() { header[offset + index] = byte }
        }
        put(name, at: 0)
        put("0000644", at: 100)
        put(octal(size ?? content.count, digits: 11), at: 124)
        put(String(type), at: 156)
        put("ustar", at: 257)
        put("00", at: 263)
        put("        ", at: 148)
        put(octal(header.reduce(0) { $0 + Int($1) }, digits: 6) + "\0", at: 148)
        let padding = [UInt8](repeating: 0, count: (512 - content.count % 512) % 512)
        return header + content + padding
    }

    static let tarEnd = [UInt8](repeating: 0, count: 1024)

    private static func octal(_ value: Int, digits: Int) -> String {
        let text = String(value, radix: 8)
        return String(repeating: "0", count: digits - text.count) + text
    }

    /// CIFAR records whose pixels count up from the record's number.
    static func cifar(labels: [[UInt8]]) -> [UInt8] {
        labels.enumerated().flatMap { index, label in
            label + (0..<3072).map { UInt8(($0 + index) & 255) }
        }
    }
}
