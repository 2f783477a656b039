public import Foundation
public import LetheRecords

/// A list of samples as a person writes it: UTF-8, one sample a line, the same name for a line that
/// ends with CR LF.
public enum SampleFile {
    /// The largest file that is read; a list of ten million lines is refused by its size.
    static let sizeLimitBytes = 4 << 20

    /// The lines of a file.
    ///
    /// - Throws: `notFound`, `malformed` for text that is not UTF-8, `invalidArgument` for a file
    ///   that is too large, has too many lines, none, or an empty one, naming that line.
    public static func read(_ url: URL) throws(LetheError) -> [String] {
        let values = try? url.resourceValues(forKeys: [.fileSizeKey, .isRegularFileKey])
        guard let values, values.isRegularFile == true, let size = values.fileSize else {
            throw LetheError(
                code: .notFound, message: "There is no list of samples at \(url.path).",
                remedy: "Name a text file with one sample a line.")
        }
        guard size <= sizeLimitBytes else { throw tooLong("\(size) bytes") }
        guard let data = try? Data(contentsOf: url) else {
            throw LetheError(
                code: .io, message: "\(url.lastPathComponent) cannot be read.",
                remedy: "Check its permissions.")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw LetheError(
                code: .malformed, message: "\(url.lastPathComponent) is not UTF-8 text.",
                remedy: "Save the list as UTF-8, one sample a line.")
        }
        return try lines(of: text)
    }

    /// The lines of a text; its last line may end with a line break or not.
    static func lines(of text: String) throws(LetheError) -> [String] {
        var lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .map(String.init)
        if lines.last == "" { lines.removeLast() }
        guard !lines.isEmpty else {
            throw LetheError(
                code: .invalidArgument, message: "The list names no sample.",
                remedy: "Write one sample a line, for example train:17.")
        }
        guard lines.count <= SampleList.countLimit else { throw tooLong("\(lines.count) lines") }
        if let empty = lines.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
            throw LetheError(
                code: .invalidArgument, message: "Line \(empty + 1) of the list is empty.",
                remedy: "Remove the line; nothing was skipped and nothing was forgotten.")
        }
        return lines
    }

    private static func tooLong(_ length: String) -> LetheError {
        LetheError(
            code: .invalidArgument,
            message: "The list has \(length); a request covers at most \(SampleList.countLimit) "
                + "samples.",
            remedy: "Split the list into several requests, or name whole classes.")
    }
}
