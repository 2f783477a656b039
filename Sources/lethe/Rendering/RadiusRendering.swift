internal import LetheRecords
internal import LetheRegistry

/// What honouring requests would reach, for a person and for a program.
enum RadiusRendering {
    static func text(_ radius: BlastRadius) -> String {
        var table = Table(["knows the data", "operation", "given out", "why"])
        for entry in radius.entries {
            table.add(
                entry.version, entry.operation,
                entry.state == .current
                    ? "yes" + entry.aliases.map { ", \($0.rawValue)" }.joined()
                    : entry.state.rawValue, entry.relation.words)
        }
        let lapsing = radius.lapsing.joined(separator: ", ")
        var lines = [
            radius.entries.isEmpty ? "No version knows the data." : table.text, "",
            lapsing.isEmpty
                ? "No certificate lapses." : "Certificates that will lapse: \(lapsing).",
            "A purge would erase at most \(Numbers.size(radius.goingSizeBytes)) in "
                + "\(radius.going.count) objects; \(Numbers.size(radius.stayingSizeBytes)) stay.",
        ]
        for (holder, objects) in Dictionary(grouping: radius.staying, by: \.holder)
            .sorted(by: { $0.key < $1.key })
        {
            let sizeBytes = objects.reduce(0) { $0 + $1.sizeBytes }
            lines.append(
                "  \(holder) needs \(objects.count) objects (\(Numbers.size(sizeBytes)))")
        }
        lines.append(
            radius.recipients.isEmpty
                ? "Nobody is known to have pulled one of them." : "Pulled, as far as is known, by:")
        lines += radius.recipients.map { "  \($0.consumer): \($0.version)" }
        return lines.joined(separator: "\n")
    }

    static func json(_ radius: BlastRadius) -> JSONValue {
        .object([
            "versions": .array(radius.entries.map(json)),
            "lapsing": .array(radius.lapsing.map(JSONValue.string)),
            "goingSizeBytes": .number(Double(radius.goingSizeBytes)),
            "goingCount": .number(Double(radius.going.count)),
            "stayingSizeBytes": .number(Double(radius.stayingSizeBytes)),
            "holders": .array(Set(radius.staying.map(\.holder)).sorted().map(JSONValue.string)),
            "recipients": .array(
                radius.recipients.map {
                    .object(["consumer": .string($0.consumer), "version": .string($0.version)])
                }),
        ])
    }

    private static func json(_ entry: TraceEntry) -> JSONValue {
        .object([
            "version": .string(entry.version), "operation": .string(entry.operation),
            "state": .string(entry.state.rawValue), "relation": .string(entry.relation.words),
            "aliases": .array(entry.aliases.map { .string($0.rawValue) }),
        ])
    }
}
