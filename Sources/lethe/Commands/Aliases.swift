internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Aliases: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aliases",
        abstract: "Show what latest and certified of a model pointed at, and since when.",
        discussion: """
            From the signed log, newest first. lethe show MODEL@certified --at TIME shows what it \
            was at one moment.
            """)

    @Argument(help: "The model's name.")
    var model: String

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let moves = try registryOptions.open().aliasHistory(model)
        registryOptions.output.write(.array(moves.reversed().map(json)), text: text(moves))
    }

    private func text(_ moves: [AliasMove]) -> String {
        var table = Table(["alias", "since", "version", "operation", "log entry"], numbers: [4])
        for move in moves.reversed() {
            table.add(
                move.alias.rawValue, move.since.description, "\(model)@v\(move.number)",
                move.leaf.operation, "\(move.entryIndex)")
        }
        return table.text
    }

    private func json(_ move: AliasMove) -> JSONValue {
        .object([
            "alias": .string(move.alias.rawValue), "since": .string(move.since.description),
            "number": .number(Double(move.number)), "operation": .string(move.leaf.operation),
            "manifestDigest": .string(move.leaf.record.description),
            "entry": .number(Double(move.entryIndex)),
        ])
    }
}
