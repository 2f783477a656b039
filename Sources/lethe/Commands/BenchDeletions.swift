internal import ArgumentParser
internal import Foundation
internal import LetheForgetting
internal import LetheRecords

struct BenchDeletions: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "deletions",
        abstract: "Count the requests that a system of shards and slices survives (S3T).",
        discussion: """
            Each request hits any slice with equal chance; the system is over when every sequence \
            of every shard is dead. One sequence a shard is SISA. Beside the closed form stands \
            the mean of simulated lives.
            """)

    @Option(help: "Shards, each with a member of the ensemble.")
    var shards = 5

    @Option(help: "Slices of a shard.")
    var slices = 4

    @Option(help: "How many lives are simulated for each row.")
    var runs = 4000

    @Option(help: "Where the random numbers begin.")
    var seed: UInt64 = 1

    func run() throws {
        guard shards > 0, slices > 0, runs > 0 else {
            throw ValidationError("Shards, slices and runs are at least 1.")
        }
        var table = Table(
            ["sequences", "expected", "simulated", "times SISA"], numbers: [0, 1, 2, 3])
        let alone = DeletionRate(shardCount: shards, sliceCount: slices, budget: 1).expected
        for budget in 1...slices {
            let rate = DeletionRate(shardCount: shards, sliceCount: slices, budget: budget)
            table.add(
                "\(budget)", String(format: "%.2f", rate.expected),
                String(format: "%.2f", rate.simulated(runCount: runs, seed: seed)),
                String(format: "%.2f", rate.expected / alone))
        }
        print(table.text)
    }
}
