internal import ArgumentParser
internal import LetheRecords
internal import LetheRegistry

struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show what is recorded about a version: run, files, requests, certificate.")

    @Argument(help: "model or model@revision; without an @ the newest.")
    var revision: String

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let details = try registryOptions.open().show(Revision(revision))
        let json: JSONValue = .object([
            "version": try VersionRendering.json(details.version),
            "requests": .array(try details.requests.map { try $0.json() }),
            "verdict": try details.verdict?.json() ?? .null,
        ])
        registryOptions.output.write(json, text: VersionRendering.details(details))
    }
}
