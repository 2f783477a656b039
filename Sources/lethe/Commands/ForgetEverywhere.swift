internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

/// What `lethe forget --everywhere` does: one line after the other, and what remains at the end.
struct ForgetEverywhere {
    let request: String
    let recipe: String?
    let seed: Int
    let isPlan: Bool
    let policy: Policy
    let place: RunPlace
    let options: RegistryOptions

    /// What became of one line.
    private struct Outcome {
        let line: SpreadLine
        /// The new version; nil if there is none.
        var version: String?
        /// Why there is none.
        var complaint: String?
    }

    func run(_ registry: Registry, _ keys: KeyFolder) async throws {
        var outcomes: [Outcome] = []
        for line in try registry.linesContaining(request) {
            outcomes.append(await outcome(line, registry, keys))
            // Ctrl-C ends the whole command, and the same command goes on.
            try Task.checkCancellation()
        }
        let exposed = try registry.trace(request).exposed
        options.output.write(
            json(outcomes, exposed), text: text(outcomes, exposed))
    }

    private func outcome(
        _ line: SpreadLine, _ registry: Registry, _ keys: KeyFolder
    ) async -> Outcome {
        guard !isPlan, line.way != .byHand else { return Outcome(line: line) }
        do {
            let version = try await registry.forget(
                order(line, registry), engine: ForgettingEngine(), keys: keys,
                now: Timestamp(Date()), progress: options.progress())
            return Outcome(line: line, version: version.name)
        } catch {
            // One line that fails must not keep the others from forgetting.
            return Outcome(line: line, complaint: "\(error)")
        }
    }

    private func order(_ line: SpreadLine, _ registry: Registry) throws -> ForgetOrder {
        let classes = try registry.trace(request).request.classes
        let chosen =
            try recipe
            ?? registry.chooseRecipe(
                for: classes.isEmpty ? .samples : .classes, model: line.model, policy: policy
            ).recipe
        return try registry.order(
            spreading: request, to: line.model, recipe: registry.recipe(named: chosen),
            seed: seed, place: place)
    }

    private func text(_ outcomes: [Outcome], _ exposed: [String]) -> String {
        var table = Table(["line", "why", "way", "outcome"])
        for one in outcomes {
            table.add(
                one.line.version, one.line.relation.words, one.line.way.words,
                one.version.map { "\($0); certify it" } ?? one.complaint ?? "")
        }
        let head = outcomes.isEmpty ? "No other line contains it." : table.text
        let rest =
            exposed.isEmpty
            ? "Nothing that this registry knows of remains exposed."
            : "What remains exposed:\n" + exposed.map { "  \($0)" }.joined(separator: "\n")
        return head + "\n\n" + rest
    }

    private func json(_ outcomes: [Outcome], _ exposed: [String]) -> JSONValue {
        .object([
            "lines": .array(
                outcomes.map { one in
                    .object([
                        "line": .string(one.line.version), "way": .string(one.line.way.words),
                        "relation": .string(one.line.relation.words),
                        "version": one.version.map(JSONValue.string) ?? .null,
                        "complaint": one.complaint.map(JSONValue.string) ?? .null,
                    ])
                }), "exposed": .array(exposed.map(JSONValue.string)),
        ])
    }
}
