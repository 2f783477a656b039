internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

struct Log: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Show the history of a model, newest first; of every model if none is named.")

    @Argument(help: "The model's name.")
    var model: String?

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let entries = try registryOptions.open().log(model)
        registryOptions.output.write(.array(entries.map(json)), text: text(entries))
    }

    private func text(_ entries: [LogEntry]) -> String {
        if entries.isEmpty { return "Nothing is published yet." }
        var table = Table(["version", "commit", "made", "operation", "requests", ""], numbers: [4])
        for entry in entries {
            let state = entry.state == .current ? "" : " (\(entry.state.rawValue))"
            table.add(
                "\(entry.model)@v\(entry.number)", String(entry.commit.hex.prefix(12)),
                entry.created.description, entry.operation + state, "\(entry.requestCount)",
                entry.summary)
        }
        return table.text
    }

    private func json(_ entry: LogEntry) -> JSONValue {
        .object([
            "model": .string(entry.model), "number": .number(Double(entry.number)),
            "commit": .string(entry.commit.hex), "operation": .string(entry.operation),
            "created": .string(entry.created.description), "summary": .string(entry.summary),
            "requestCount": .number(Double(entry.requestCount)),
            "state": .string(entry.state.rawValue),
        ])
    }
}
