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

    /// - Parameter token: Whoever reads it; what is there instead of what is not there may be other
    ///   models, so it is for those only who may read all.
    func error(_ error: LetheError, for token: AccessToken?) -> LetheError {
        let isNarrow = token?.allows(.read, of: nil) != true
        let remedy = isNarrow && error.code != .refused ? nil : error.remedy
        return LetheError(
            code: error.code, message: text(error.message), remedy: remedy.map(text))
    }
}
