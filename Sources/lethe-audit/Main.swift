internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import LetheRecords

/// The entry point: runs the command and translates every error once, into an exit code and words.
@main
struct Main {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try AuditCommand.parseAsRoot(arguments)
            try command.run()
            guard fflush(nil) == 0 else {
                throw LetheError(
                    code: .io, message: "The answer could not be written.",
                    remedy: "Make room and ask again.")
            }
        } catch {
            exit(report(error, asJSON: arguments.contains("--json")))
        }
    }

    private static func report(_ error: any Error, asJSON: Bool) -> Int32 {
        guard let error = error as? LetheError else {
            if let code = error as? ExitCode { return code.rawValue }
            let code = AuditCommand.exitCode(for: error)
            if code == .success {
                print(AuditCommand.fullMessage(for: error))
                return 0
            }
            write(AuditCommand.fullMessage(for: error))
            return code == .validationFailure ? ErrorCode.invalidArgument.exitCode : code.rawValue
        }
        if asJSON {
            let value: JSONValue = .object([
                "error": .object([
                    "code": .string(error.code.description), "message": .string(error.message),
                    "remedy": error.remedy.map(JSONValue.string) ?? .null,
                    "cause": error.cause.map(JSONValue.string) ?? .null,
                ])
            ])
            write(String(decoding: (try? CanonicalJSON.encode(value)) ?? [], as: UTF8.self))
        } else {
            write("error: \(error.message)")
            if let cause = error.cause { write("cause: \(cause)") }
            if let remedy = error.remedy { write("what to do: \(remedy)") }
        }
        return error.code.exitCode
    }

    private static func write(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8))
    }
}
