internal import Foundation
internal import LetheRecords

/// git itself, run on files so that neither waits for the other.
enum GitProgram {
    /// Runs git to its end.
    ///
    /// - Parameters:
    ///   - input: What it reads; nil for nothing.
    ///   - output: Where what it writes goes; nil for nowhere.
    ///   - scratch: A file that may be made and is removed again.
    /// - Returns: the exit status and what it said on standard error.
    /// - Throws: `unsupported` if there is no git.
    static func run(
        _ arguments: [String], environment: [String: String], input: URL?, output: URL?,
        scratch: URL
    ) throws(LetheError) -> (status: Int32, errors: String) {
        defer { try? FileManager.default.removeItem(at: scratch) }
        let nowhere = URL(fileURLWithPath: "/dev/null")
        do {
            try Data().write(to: scratch)
            let git = try ChildProcess(
                "git", arguments, environment: environment,
                input: FileHandle(forReadingFrom: input ?? nowhere),
                output: FileHandle(forWritingTo: output ?? nowhere),
                errors: FileHandle(forWritingTo: scratch))
            let status = git.wait()
            return (status, String(decoding: try Data(contentsOf: scratch), as: UTF8.self))
        } catch {
            throw LetheError(
                code: .unsupported, message: "git could not be started.", remedy: "Install git.",
                cause: error)
        }
    }
}
