public import LetheRecords

/// `model@revision`: a version as a person names it.
///
/// A revision is `v3`, `certified` (the newest certified version), `latest` (the newest of all) or
/// the first digits of a commit, at least seven.
public struct Revision: Sendable, Hashable, CustomStringConvertible {
    /// The model's name.
    public let model: String
    /// What follows the `@`; nil if there is none.
    public let selector: String?

    /// Reads `model` or `model@revision`.
    ///
    /// - Throws: `invalidArgument` for an empty part.
    public init(_ text: String) throws(LetheError) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        guard let model = parts.first, !model.isEmpty, parts.count == 1 || !parts[1].isEmpty else {
            throw LetheError(
                code: .invalidArgument, message: "\"\(text)\" names no version.",
                remedy: "Write model, model@v3, model@certified or model@<commit>.")
        }
        self.model = String(model)
        selector = parts.count > 1 ? String(parts[1]) : nil
    }

    /// `model@revision`.
    public var description: String { selector.map { "\(model)@\($0)" } ?? model }
}
