internal import Foundation
internal import LetheRecords

/// Takes the names of this machine's folders out of what a command says, before a client reads it.
struct Redaction: Sendable {
    private let names: [(path: String, word: String)]

    /// - Parameter folders: Folders, each with the word that stands for it.
    init(_ folders: [(URL, String)]) {
        names = folders.map { ($0.path, $1) }.filter { $0.0.utf8.count > 1 }
            .sorted { $0.0.utf8.count > $1.0.utf8.count }
    }

    func text(_ text: String) -> String {
        names.reduce(text) { $0.replacingOccurrences(of: $1.path, with: $1.word) }
    }

    func error(_ error: LetheError) -> LetheError {
        LetheError(
            code: error.code, message: text(error.message), remedy: error.remedy.map(text))
    }
}
