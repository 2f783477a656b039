internal import Foundation

/// The words for a person, kept in a file beside an answer in JSON: a server runs a command once
/// and has both for its clients.
struct TextCopy: Sendable {
    /// The copy that the environment asks for (`LETHE_TEXT_COPY`); nil if it asks for none.
    static let shared = ProcessInfo.processInfo.environment["LETHE_TEXT_COPY"].map {
        TextCopy(url: URL(fileURLWithPath: $0))
    }

    private let url: URL

    /// Adds what `print` would have written.
    func add(_ text: String) {
        if !FileManager.default.fileExists(atPath: url.path) { try? Data().write(to: url) }
        guard let handle = try? FileHandle(forWritingTo: url) else { return }
        _ = try? handle.seekToEnd()
        try? handle.write(contentsOf: Data((text + "\n").utf8))
        try? handle.close()
    }
}
