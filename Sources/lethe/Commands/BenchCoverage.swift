internal import ArgumentParser
internal import Foundation
internal import LetheRecords
internal import LetheReports

struct BenchCoverage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "coverage",
        abstract: "Simulate how often the bounds of reports are wrong, alone and over whole lines.",
        discussion: """
            Each bound is drawn at the whole error budget, and then whole lines whose judgement \
            number t has a bound for each of t requests, one for the retained classes and one for a \
            probe, as reports share the budget. "promised" is how many may be wrong on average, \
            "allowed" adds three standard deviations of the simulation.
            """)

    @Option(help: "How many lines, and how many draws of each bound alone.")
    var lines = 10_000

    @Option(help: "How many judgements a line has.")
    var versions = 50

    @Option(help: "Where the random numbers begin.")
    var seed: UInt64 = 1

    @Option(help: "A file that the JSON lines are appended to.")
    var results: String?

    func run() throws {
        guard lines > 0, versions > 0 else {
            throw ValidationError("Lines and versions are at least 1.")
        }
        let rows = CoverageSimulation(lineCount: lines, versionCount: versions, seed: seed).rows()
        var table = Table(
            ["bound", "draws", "wrong", "promised", "allowed", ""], numbers: [1, 2, 3, 4])
        for row in rows {
            table.add(
                row.bound, "\(row.drawCount)", "\(row.missCount)",
                String(format: "%.1f", row.promised), String(format: "%.1f", row.allowed),
                row.holds ? "holds" : "DOES NOT HOLD")
            if let results {
                try JSONLines.append(json(row), to: URL(fileURLWithPath: results))
            }
        }
        print(table.text)
        if rows.contains(where: { !$0.holds }) { throw ExitCode.failure }
    }

    private func json(_ row: CoverageSimulation.Row) -> JSONValue {
        .object([
            "bench": "coverage", "bound": .string(row.bound),
            "draws": .number(Double(row.drawCount)), "wrong": .number(Double(row.missCount)),
            "promised": .number(row.promised), "allowed": .number(row.allowed),
            "holds": .bool(row.holds), "seed": .number(Double(seed)),
            "lines": .number(Double(lines)), "versions": .number(Double(versions)),
            "date": .string(Timestamp(Date()).description), "machine": .string(Machine.description),
        ])
    }
}
