internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show what is recorded about a version: run, files, requests, certificate.")

    @Argument(help: "model or model@revision; without an @ the newest.")
    var revision: String

    @Option(help: "With @certified or @latest: what it was at that second, as the log has it.")
    var at: Moment?

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let details = try registryOptions.open().show(Revision(revision), at: at?.time)
        let json: JSONValue = .object([
            "version": try VersionRendering.json(details.version),
            "requests": .array(try details.requests.map { try $0.json() }),
            "state": .string(details.state.rawValue),
            "verdict": try details.verdict?.json() ?? .null,
        ])
        registryOptions.output.write(json, text: VersionRendering.details(details))
    }
}

/// A moment as a person names it: `2026-11-22T10:00:00Z`.
struct Moment: ExpressibleByArgument {
    let time: Timestamp

    init?(argument: String) {
        guard let time = Timestamp(argument) else { return nil }
        self.time = time
    }
}
