public import ArgumentParser
internal import Foundation
internal import Glibc
internal import LetheRecords

/// What every executable does: parses, runs, and translates every error once, into an exit code
/// and words.
public enum Program {
    /// Runs the command that the process was given, and ends the process.
    ///
    /// - Parameter root: The root of the executable's commands.
    public static func run(_ root: any ParsableCommand.Type) async -> Never {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            try await Interruption.watching { try await run(root, arguments) }
            try flushOutput()
        } catch {
            exit(ErrorRendering.report(error, of: root, asJSON: arguments.contains("--json")))
        }
        exit(0)
    }

    private static func run(_ root: any ParsableCommand.Type, _ arguments: [String]) async throws {
        var command = try root.parseAsRoot(arguments)
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }

    /// A pipe or disk that did not take the answer is an error, though the work is done.
    private static func flushOutput() throws(LetheError) {
        guard fflush(nil) != 0 else { return }
        throw LetheError(
            code: .io, message: "The answer could not be written to the standard output.",
            remedy: "What the command was to do is done; make room and ask again.")
    }
}
