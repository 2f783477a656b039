public import ArgumentParser
internal import Foundation
internal import LetheRecords

/// The one translation of errors into words and exit codes.
public enum ErrorRendering {
    /// Writes an error to standard error and gives the exit code.
    ///
    /// - Parameter command: The root of the commands, which knows the words for wrong arguments.
    public static func report(
        _ error: any Error, of command: any ParsableCommand.Type, asJSON: Bool
    ) -> Int32 {
        if let error = error as? LetheError { return report(error, asJSON: asJSON) }
        if error is CancellationError { return report(interrupted, asJSON: asJSON) }
        if let code = error as? ExitCode { return code.rawValue }
        let code = command.exitCode(for: error)
        if code == .success {
            print(command.fullMessage(for: error))
            return 0
        }
        write(command.fullMessage(for: error) + "\n")
        return code == .validationFailure ? ErrorCode.invalidArgument.exitCode : code.rawValue
    }

    private static func report(_ error: LetheError, asJSON: Bool) -> Int32 {
        if asJSON {
            // One line: steps of a run may stand above it.
            let line = (try? CanonicalJSON.encode(["error": error.json])) ?? []
            write(String(decoding: line, as: UTF8.self) + "\n")
        } else {
            write("error: \(error.message)\n")
            if let cause = error.cause { write("cause: \(cause)\n") }
            if let remedy = error.remedy { write("what to do: \(remedy)\n") }
        }
        return error.code.exitCode
    }

    private static var interrupted: LetheError {
        LetheError(
            code: .interrupted, message: "Interrupted; what was finished is kept.",
            remedy: "Run the same command again to go on.")
    }

    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
    }
}
