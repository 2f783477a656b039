internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import LetheRecords

/// The entry point: parses, runs, and translates every error once, into an exit code and words.
@main
struct Main {
    static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            try await Interruption.watching { try await run(arguments) }
            try flushOutput()
        } catch {
            exit(ErrorRendering.report(error, asJSON: arguments.contains("--json")))
        }
    }

    /// A pipe or disk that did not take the answer is an error, though the work is done.
    private static func flushOutput() throws(LetheError) {
        guard fflush(nil) != 0 else { return }
        throw LetheError(
            code: .io, message: "The answer could not be written to the standard output.",
            remedy: "What the command was to do is done; make room and ask again.")
    }

    private static func run(_ arguments: [String]) async throws {
        var command = try Lethe.parseAsRoot(arguments)
        if var asynchronous = command as? any AsyncParsableCommand {
            try await asynchronous.run()
        } else {
            try command.run()
        }
    }
}

/// The root of the commands.
struct Lethe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lethe",
        abstract: "A model registry that can forget.",
        discussion: """
            Exit codes: 0 done, 1 failed, 2 usage, 3 a gate did not hold, 4 integrity broken, \
            5 refused (revoked, uncertified, untrusted key), 6 conflict, 130 interrupted.
            """,
        version: letheVersion,
        subcommands: [
            Init.self, Publish.self, Dataset.self, Train.self, Forget.self, Verify.self,
            Certify.self, S3T.self, Pull.self, Export.self, Log.self, Show.self, Trace.self,
            Audit.self,
            Aliases.self,
            Proof.self, Fsck.self, GC.self, Reindex.self, Push.self, Fetch.self, Clone.self,
            Revoke.self, Purge.self, KeepYardstick.self, Prune.self, Notices.self, Requests.self,
            Trust.self, ModelSig.self, Prove.self, Replay.self, Serve.self, Token.self, Bench.self,
        ])
}
