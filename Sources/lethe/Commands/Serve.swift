internal import ArgumentParser
internal import LetheCommandLine

/// Hands over to `lethe-server`, which has the options and the help.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Let clients of the Hugging Face Hub, git and any others pull over HTTP.",
        helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: .hidden)
    var words: [String] = []

    func run() throws { try Replacement.become("lethe-server", words) }
}
