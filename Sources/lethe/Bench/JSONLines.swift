internal import Foundation
internal import LetheRecords

/// Files of one canonical JSON value a line.
enum JSONLines {
    static func append(_ value: JSONValue, to file: URL) throws {
        var line = try CanonicalJSON.encode(value)
        line.append(UInt8(ascii: "\n"))
        if !FileManager.default.fileExists(atPath: file.path) {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data().write(to: file)
        }
        let handle = try FileHandle(forWritingTo: file)
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(line))
    }
}
