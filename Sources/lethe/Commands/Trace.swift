internal import ArgumentParser
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

struct Trace: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "List every version that still contains what a request asked to forget.",
        discussion: """
            Every version of the request's line, of lines that were trained on its data, of lines \
            on which somebody published the same weights, and those that share tensors with them. \
            At the end stands what remains exposed, and what to do about it.
            """)

    @Argument(help: "The request's id, as lethe show prints it.")
    var request: String

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let trace = try registryOptions.open().trace(request)
        let answer: JSONValue = .object([
            "request": try trace.request.json(), "versions": .array(trace.entries.map(json)),
            "exposed": .array(trace.exposed.map(JSONValue.string)),
        ])
        registryOptions.output.write(answer, text: text(trace))
    }

    private func text(_ trace: RequestTrace) -> String {
        let request = trace.request
        var table = Table(["version", "commit", "operation", "the data", "given out", "why"])
        for entry in trace.entries {
            let state =
                entry.contains
                ? "still contained"
                : entry.isCertified ? "forgotten, certified" : "forgotten, not certified"
            table.add(
                entry.version, String(entry.commit.hex.prefix(12)), entry.operation, state,
                entry.state == .current
                    ? "yes" + entry.aliases.map { ", \($0.rawValue)" }.joined()
                    : entry.state.rawValue, entry.relation.words)
        }
        return "Request \(request.id) of \(request.received): \(request.coverage) of "
            + "\(request.model)\n\n\(table.text)\n\n"
            + (trace.exposed.isEmpty
                ? "Nothing that this registry knows of remains exposed."
                : "What remains exposed:\n"
                    + trace.exposed.map { "  \($0)" }.joined(separator: "\n"))
    }

    private func json(_ entry: TraceEntry) -> JSONValue {
        .object([
            "version": .string(entry.version), "commit": .string(entry.commit.hex),
            "operation": .string(entry.operation), "contains": .bool(entry.contains),
            "certified": .bool(entry.isCertified), "state": .string(entry.state.rawValue),
            "relation": .string(entry.relation.words),
            "aliases": .array(entry.aliases.map { .string($0.rawValue) }),
        ])
    }
}
