internal import ArgumentParser
internal import Foundation
internal import LetheRecords
internal import LetheRegistry

/// Joins the lethe that started it to the one at a server, over standard input and output: it has
/// the HTTP client and the token, which comes from the environment or a file and never leaves it.
struct Exchange: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "exchange",
        abstract: "Join standard input and output to a registry at a server.",
        shouldDisplay: false)

    enum Direction: String, ExpressibleByArgument, CaseIterable {
        case send
        case receive
    }

    @Argument(help: "Whether the registry there sends or receives.")
    var direction: Direction

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        let channel = FrameChannel(
            input: .standardInput, output: .standardOutput, name: "lethe")
        let input = LetheInput(PipeReader(.standardInput))
        do {
            try await options.withServer { server in
                try await ExchangeClient(server: server, input: input).run(direction.rawValue)
            }
        } catch {
            // Whoever asked shows it; here nobody looks.
            try? channel.send(Self.plain(error))
            // What it is saying at the moment has to go somewhere, or it would not hear.
            await input.passOver()
        }
    }

    private static func plain(_ error: any Error) -> LetheError {
        switch error {
        case let error as LetheError: error
        case let refusal as Refusal: refusal.error
        default: LetheError(code: .io, message: "The server cannot be asked.", cause: error)
        }
    }
}
