internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Reindex: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reindex",
        abstract: "Throw the index away and read the lineage again.")

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let count = try registryOptions.open().reindex()
        registryOptions.output.write(
            .object(["versions": .number(Double(count))]), text: "Indexed \(count) versions.")
    }
}
