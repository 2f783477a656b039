internal import ArgumentParser
internal import Foundation
internal import LetheForgetting
internal import LetheRecords

struct BenchStep: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "step",
        abstract: "Time one GS-LoRA training step, side by side with PyTorch.",
        discussion: """
            DeiT-tiny at 224 pixels, batch 16: forward, backward, update. Each round runs Lethe \
            and PyTorch in processes of their own, one after the other; the figures are medians \
            over the rounds.
            """)

    @Option(help: "A python with torch, for the other side. Default: Lethe alone.")
    var python: String?

    @Option(help: "How many rounds.")
    var rounds = 5

    @Option(help: "How many steps a round.")
    var steps = 10

    @Option(help: "Samples of a step.")
    var batch = 16

    @Flag(help: .hidden)
    var once = false

    @Option(help: "A file that the JSON line is appended to.")
    var results: String?

    @OptionGroup var placeOptions: PlaceOptions

    func run() async throws {
        if once { return try measureOnce() }
        let bench = StepComparison(
            steps: steps, batch: batch, threads: placeOptions.place.threads, python: python)
        var rows: [StepComparison.Round] = []
        for round in 1...max(rounds, 1) {
            rows.append(try bench.round())
            print("round \(round): \(rows.last?.text ?? "")")
        }
        print("\n\(StepComparison.summary(rows))")
        if python != nil { print("the other side: \(bench.peerCommand)") }
        if let results {
            try JSONLines.append(bench.json(rows), to: URL(fileURLWithPath: results))
        }
    }

    private func measureOnce() throws {
        let result = try StepBenchmark.run(
            steps: steps, batchSize: batch, place: placeOptions.place)
        print(String(decoding: try CanonicalJSON.encode(result), as: UTF8.self))
    }
}
