internal import ArgumentParser

struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure, and write the figures as JSON lines.",
        subcommands: [
            BenchContinual.self, BenchCoverage.self, BenchDeletions.self, BenchJudge.self,
            BenchMethods.self, BenchStep.self,
        ])
}
