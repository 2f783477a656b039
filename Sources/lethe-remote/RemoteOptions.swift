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

    @Option(
        help: ArgumentHelp(
            "A PEM file of the authorities that may vouch for the server.",
            discussion: "Default: those of this machine."),
        completion: .file())
    var certificateAuthority: String?

    @Option(help: "After how many silent seconds a server is given up.")
    var idleSeconds = 120

    func validate() throws {
        guard (1...1_000_000).contains(idleSeconds) else {
            throw ValidationError("--idle-seconds is at least 1.")
        }
    }

    /// Asks the server; its connections end with the work.
    func withServer<Result>(_ body: (Server) async throws -> Result) async throws -> Result {
        let server = try server()
        do {
            let result = try await body(server)
            await server.transport.end()
            return result
        } catch {
            await server.transport.end()
            throw error
        }
    }

    private func server() throws -> Server {
        let environment = ProcessInfo.processInfo.environment
        guard let text = environment[Self.variable], let url = URL(string: text),
            ["http", "https"].contains(url.scheme), let host = url.host(), url.query() == nil,
            url.user() == nil
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
        let transport = try Transport(
            server: text, authorities: certificateAuthority, silenceSeconds: idleSeconds)
        return Server(url: url, token: token, asJSON: json, transport: transport)
    }

    private func token(_ environment: [String: String]) throws -> String? {
        guard let token = try readToken(environment) else { return nil }
        // No message may quote it, so what a header cannot hold is found here.
        guard !token.isEmpty, token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw LetheError(
                code: .invalidArgument, message: "This is no token.",
                remedy: "Take what lethe token add printed, and nothing else.")
        }
        return token
    }

    private func readToken(_ environment: [String: String]) throws -> String? {
        guard let tokenFile else { return environment["LETHE_TOKEN"] }
        guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else {
            throw LetheError(
                code: .notFound, message: "The file of the token cannot be read.",
                remedy: "Name a file that holds what lethe token add printed.")
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
