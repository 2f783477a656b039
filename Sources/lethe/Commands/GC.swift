internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

struct GC: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Remove the objects that no version needs and no running command holds.",
        discussion: """
            Safe beside every other command, and after an interruption it goes on. Objects that \
            are younger than the grace period stay, and so do unfinished runs. Commits that \
            nothing refers to are left to git: git -C lineage.git gc.
            """)

    @Option(help: "Spare what is younger: a number and s, m, h or d, such as 14d.")
    var grace = "14d"

    @Option(help: "The same in seconds.")
    var graceSeconds: Int?

    @Flag(help: "Change nothing; say what would go.")
    var dryRun = false

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let order = CollectionOrder(
            graceSeconds: try graceSeconds ?? Self.seconds(grace), isDryRun: dryRun)
        let report = try registryOptions.open().collectGarbage(
            order, now: Timestamp(Date()), progress: registryOptions.progress())
        registryOptions.output.write(json(report), text: text(report))
    }

    private static func seconds(_ text: String) throws -> Int {
        let units = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = text.last.flatMap({ units[String($0)] }),
            let number = Int(text.dropLast()), number >= 0, number <= 1_000_000
        else {
            throw ValidationError("--grace is a number and s, m, h or d, such as 14d.")
        }
        return number * unit
    }

    private func text(_ report: CollectionReport) -> String {
        var lines: [String] = []
        if !report.removed.isEmpty {
            var table = Table(["object", "size", "age"], numbers: [1, 2])
            for object in report.removed {
                table.add(
                    "\(object.digest)", Numbers.size(object.sizeBytes),
                    "\(object.ageSeconds / 86400) d")
            }
            lines += [table.text, ""]
        }
        let verb = report.isDryRun ? "Would remove" : "Removed"
        lines.append(
            "\(verb) \(report.removed.count) objects (\(Numbers.size(report.removedSizeBytes)))"
                + " and \(report.leftovers.count) leftovers of dead processes.")
        lines.append(
            "Kept: \(tally(report.reachable)) that versions need, \(tally(report.young)) too young,"
                + " \(tally(report.leased)) held by running commands.")
        if !report.keptRuns.isEmpty {
            lines.append("Unfinished runs that can go on: \(report.keptRuns.count).")
        }
        return lines.joined(separator: "\n")
    }

    private func tally(_ tally: ObjectTally) -> String {
        "\(tally.count) (\(Numbers.size(tally.sizeBytes)))"
    }

    private func json(_ report: CollectionReport) -> JSONValue {
        .object([
            "dryRun": .bool(report.isDryRun),
            "removed": .array(
                report.removed.map { object in
                    .object([
                        "digest": .string("\(object.digest)"),
                        "sizeBytes": .number(Double(object.sizeBytes)),
                        "ageSeconds": .number(Double(object.ageSeconds)),
                    ])
                }),
            "removedSizeBytes": .number(Double(report.removedSizeBytes)),
            "reachable": json(report.reachable), "young": json(report.young),
            "leased": json(report.leased),
            "leftovers": .array(report.leftovers.map(JSONValue.string)),
            "keptRuns": .array(report.keptRuns.map(JSONValue.string)),
        ])
    }

    private func json(_ tally: ObjectTally) -> JSONValue {
        .object([
            "objects": .number(Double(tally.count)),
            "sizeBytes": .number(Double(tally.sizeBytes)),
        ])
    }
}
