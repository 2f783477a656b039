internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Remote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remote",
        abstract: "Give other registries short names for push and fetch.",
        discussion: "The names are of this machine, in remotes.json (docs/guides/remotes.md).",
        subcommands: [AddRemote.self, ListRemotes.self, RemoveRemote.self])
}

/// What `--lineage` says of itself.
enum LineageHelp {
    static let text: ArgumentHelp =
        "For s3://, the git repository that has the lineage: a path, https:// or ssh://."
}

struct AddRemote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Give another registry a name; nothing is asked of it.")

    @Argument(help: "The name.")
    var name: String

    @Argument(
        help: "A folder, ssh://user@host:port/path, https://host:port/path, or s3://bucket/prefix.",
        completion: .directory)
    var address: String

    @Option(help: LineageHelp.text)
    var lineage: String?

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        try registry.addRemote(name, at: address, lineage: lineage)
        let text = try registry.address(name).text
        registryOptions.output.write(
            .object(["name": .string(name), "address": .string(text)]), text: "\(name) is \(text).")
    }
}

struct ListRemotes: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Show which remotes there are.")

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let book = try registryOptions.open().remotes()
        let remotes = book.remotes.sorted { $0.key < $1.key }
        var table = Table(["name", "address", "lineage"])
        for (name, address) in remotes { table.add(name, address, book.lineages?[name] ?? "") }
        registryOptions.output.write(
            .array(
                remotes.map { name, address in
                    [
                        "name": .string(name), "address": .string(address),
                        "lineage": (book.lineages?[name]).map(JSONValue.string) ?? .null,
                    ]
                }),
            text: remotes.isEmpty ? "There is no remote." : table.text)
    }
}

struct RemoveRemote: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Forget the name of a registry; nothing there changes.")

    @Argument(help: "The name.")
    var name: String

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        try registryOptions.open().removeRemote(name)
        registryOptions.output.write(.object(["name": .string(name)]), text: "\(name) is gone.")
    }
}
