import Foundation
import LetheRecords

/// Class names in label order, one a line.
enum ClassNames {
    static func read(_ name: String, in folder: URL) throws(LetheError) -> [String]? {
        let url = folder.appending(path: name)
        guard FileReading.exists(url) else { return nil }
        return try FileReading.lines(of: url, maximumSizeBytes: 16 << 20)
    }
}
