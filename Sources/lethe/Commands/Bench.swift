internal import ArgumentParser

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure, and write the figures as JSON lines.",
        subcommands: [BenchContinual.self, BenchStep.self])
}
