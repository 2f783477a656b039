internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords

@main
struct Main {
    static func main() async { await Program.run(Remote.self) }
}

/// The commands of `lethe` that a server does, which `lethe --remote` becomes.
struct Remote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lethe --remote",
        abstract: "The same commands, done by a server: lethe --remote https://models.example log.",
        discussion: """
            The token comes from $LETHE_TOKEN or --token-file, never from an argument. Answers and \
            exit codes are those of the commands at the machine.
            """,
        version: letheVersion,
        subcommands: [
            Log.self, Show.self, Trace.self, Aliases.self, Requests.self, Publish.self,
            Forget.self, Verify.self, Certify.self, Pull.self, Jobs.self, Store.self,
            Exchange.self,
        ])
}
