internal import ArgumentParser
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "List every version that still contains what a request asked to forget.")

    @Argument(help: "The request's id, as lethe show prints it.")
    var request: String

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let (request, entries) = try registryOptions.open().trace(request)
        let answer: JSONValue = .object([
            "request": try request.json(), "versions": .array(entries.map(json)),
        ])
        registryOptions.output.write(answer, text: text(request, entries))
    }

    private func text(_ request: ForgetRequest, _ entries: [TraceEntry]) -> String {
        var table = Table(["version", "commit", "operation", "the data"])
        for entry in entries {
            let state =
                entry.contains
                ? "still contained"
                : entry.isCertified ? "forgotten, certified" : "forgotten, not certified"
            table.add(
                entry.version, String(entry.commit.hex.prefix(12)), entry.operation, state)
        }
        return "Request \(request.id) of \(request.received): \(request.coverage) of "
            + "\(request.model)\n\n\(table.text)"
    }

    private func json(_ entry: TraceEntry) -> JSONValue {
        .object([
            "version": .string(entry.version), "commit": .string(entry.commit.hex),
            "operation": .string(entry.operation), "contains": .bool(entry.contains),
            "certified": .bool(entry.isCertified),
        ])
    }
}
