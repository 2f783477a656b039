internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords

/// Which server, by which token, and how to answer.
struct RemoteOptions: ParsableArguments {
    /// Where `lethe --remote URL` leaves the address.
    static let variable = "LETHE_REMOTE"

    @Option(
        help: ArgumentHelp(
            "A file with the token. Default: $LETHE_TOKEN.",
            discussion: "An argument would show it to every user of this machine."),
        completion: .file())
    var tokenFile: String?

    @Flag(
        help: ArgumentHelp(
            "Answer with one JSON document on standard output.",
            discussion:
                "Steps of a run, and an error, are one JSON object a line on standard error."))
    var json = false

    @Flag(help: "Show no progress.")
    var quiet = false

    @Flag(help: "Send the token without TLS also to other machines.")
    var plainHTTP = false

    func server() throws -> Server {
        let environment = ProcessInfo.processInfo.environment
        guard let text = environment[Self.variable], let url = URL(string: text),
            ["http", "https"].contains(url.scheme), let host = url.host(), url.query() == nil
        else {
            throw LetheError(
                code: .invalidArgument, message: "This is no address of a server.",
                remedy: "Write lethe --remote https://models.example and the command.")
        }
        let token = try token(environment)
        let isNear = ["localhost", "127.0.0.1", "::1", "[::1]"].contains(host)
        guard url.scheme == "https" || isNear || plainHTTP || token == nil else {
            throw LetheError(
                code: .refused, message: "The token would go to \(host) without TLS.",
                remedy: "Use https://, or allow it with --plain-http.")
        }
        return Server(url: url, token: token, asJSON: json)
    }

    private func token(_ environment: [String: String]) throws -> String? {
        guard let tokenFile else { return environment["LETHE_TOKEN"] }
        guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else {
            throw LetheError(
                code: .notFound, message: "The file of the token cannot be read.",
                remedy: "Name a file that holds what lethe token add printed.")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
