internal import Foundation
internal import Glibc
internal import LetheRecords
internal import LetheStorage

/// A program that is started for a conversation over its standard input and output.
final class ChildProgram {
    let channel: FrameChannel
    private let process: ChildProcess
    private let input = Pipe()
    private let output = Pipe()
    private let errors: URL

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: A path, or the name of a program in `PATH`.
    ///   - environment: What it gets besides this program's.
    ///   - name: What messages call the other side.
    /// - Throws: `notFound` if it cannot be started.
    init(
        _ program: String, _ arguments: [String], environment: [String: String] = [:], name: String
    ) throws(LetheError) {
        errors = FileManager.default.temporaryDirectory.appending(
            path: "lethe-errors-\(UUID().uuidString)")
        channel = FrameChannel(
            input: output.fileHandleForReading, output: input.fileHandleForWriting, name: name)
        // An end that another program holds would keep this one from seeing that it is over.
        for handle in [
            input.fileHandleForReading, input.fileHandleForWriting, output.fileHandleForReading,
            output.fileHandleForWriting,
        ] { _ = fcntl(handle.fileDescriptor, F_SETFD, FD_CLOEXEC) }
        do {
            // A file, so that nobody has to read it meanwhile.
            try Data().write(to: errors)
            process = try ChildProcess(
                program, arguments,
                environment: ProcessInfo.processInfo.environment.merging(environment) { $1 },
                input: input.fileHandleForReading, output: output.fileHandleForWriting,
                errors: FileHandle(forWritingTo: errors))
            try input.fileHandleForReading.close()
            try output.fileHandleForWriting.close()
        } catch let error as LetheError {
            throw error
        } catch {
            throw LetheError(
                code: .notFound, message: "\(program) could not be started.",
                remedy: "Install it.", cause: error)
        }
    }

    /// Starts a program of Lethe's that lies beside this one.
    ///
    /// - Throws: `notFound` if it does not.
    convenience init(beside name: String, _ arguments: [String], name place: String)
        throws(LetheError)
    {
        try self.init(SiblingProgram.path(name), arguments, name: place)
    }

    deinit { try? FileManager.default.removeItem(at: errors) }

    /// Talks, and ends the program when the conversation is over, whatever came of it.
    ///
    /// - Throws: what `body` throws, with the program's last words where it ended by itself;
    ///   `interrupted` if it ended because the task was cancelled.
    func talk<Result>(_ body: () throws(LetheError) -> Result) throws(LetheError) -> Result {
        do throws(LetheError) {
            let result = try body()
            end()
            return result
        } catch {
            end()
            // Ctrl-C reaches both programs, and the other one is over first.
            guard error.code != .io || !Task.isCancelled else {
                throw LetheError(
                    code: .interrupted, message: "The transfer was interrupted.",
                    remedy: "What has arrived stays; run the same command again.")
            }
            let words = lastWords()
            guard error.code == .io, !words.isEmpty else { throw error }
            throw LetheError(
                code: .io, message: "\(error.message) Its last words: \(words)",
                remedy: error.remedy)
        }
    }

    /// The other side sees the end of its input and ends, too.
    private func end() {
        try? input.fileHandleForWriting.close()
        try? output.fileHandleForReading.close()
        _ = process.wait()
    }

    private func lastWords() -> String {
        guard let bytes = try? Data(contentsOf: errors) else { return "" }
        return String(decoding: bytes.suffix(400), as: UTF8.self)
            .split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension SSHPlace {
    /// Starts `lethe exchange` on the other machine.
    ///
    /// The shell there gets the path in quotes; nothing else that it is told comes from outside.
    func start(_ direction: String) throws(LetheError) -> ChildProgram {
        let environment = ProcessInfo.processInfo.environment
        let quoted = "'\(path.replacing("'", with: "'\\''"))'"
        return try ChildProgram(
            environment["LETHE_SSH"] ?? "ssh",
            (port.map { ["-p", String($0)] } ?? []) + [
                "-T", "--", destination, "lethe exchange \(direction) --registry \(quoted)",
            ], name: text)
    }
}
