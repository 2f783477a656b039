internal import ArgumentParser
internal import Foundation
internal import LetheRecords
internal import LetheTensor
internal import LetheVerification

struct BenchJudge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge",
        abstract: "Let cheats and honest models come before the judge, and count its mistakes.",
        discussion: """
            For each seed a small first version, a reference and an honest model are trained, and \
            every cheat is made from the first version. A miss is a cheat that passes every gate, \
            a false alarm an honest model that does not. "elsewhere" counts cheats that were \
            caught, but by no gate of the tier that is there for them.
            """)

    @Option(help: "How many seeds.")
    var seeds = 3

    @Option(help: "The first seed.")
    var firstSeed = 1

    @Option(
        parsing: .upToNextOption,
        help: "Only these contenders, by the names of the table. Default: all.")
    var contenders: [String] = []

    @Option(help: "A file that the JSON lines are appended to.")
    var results: String?

    @OptionGroup var placeOptions: PlaceOptions

    func run() async throws {
        guard seeds > 0 else { throw ValidationError("There must be at least one seed.") }
        let chosen = Contender.allCases.filter {
            contenders.isEmpty || contenders.contains($0.rawValue)
        }
        if let unknown = contenders.first(where: { Contender(rawValue: $0) == nil }) {
            throw ValidationError("There is no contender \"\(unknown)\".")
        }
        var outcomes: [ProvingGround.Outcome] = []
        for seed in firstSeed..<firstSeed + seeds {
            let folder = FileManager.default.temporaryDirectory
                .appending(path: "lethe-judge-\(UUID().uuidString)")
            defer { try? FileManager.default.removeItem(at: folder) }
            let ground = try await ProvingGround(
                in: folder, seed: seed, threads: placeOptions.place.threads)
            for contender in chosen {
                let outcome = try await ground.judge(contender)
                outcomes.append(outcome)
                if let results {
                    try JSONLines.append(json(outcome, seed), to: URL(fileURLWithPath: results))
                }
            }
        }
        print(table(outcomes, of: chosen))
    }

    private func table(
        _ outcomes: [ProvingGround.Outcome], of contenders: [Contender]
    ) -> String {
        var table = Table(
            ["contender", "must be", "seeds", "mistakes", "elsewhere", "caught by"],
            numbers: [2, 3, 4])
        for contender in contenders {
            let own = outcomes.filter { $0.contender == contender }
            let gates = own.flatMap { $0.accuracyFailures + $0.probeFailures }
                .map { String($0.prefix { $0 != " " }) }
            let isRefused = own.contains { $0.refusal != nil }
            table.add(
                contender.rawValue, contender.expectation.rawValue, "\(own.count)",
                "\(own.count { $0.isMistake })",
                "\(own.count { !$0.isMistake && !$0.isAsExpected })",
                (isRefused ? ["refusal"] : []).joined()
                    + Set(gates).sorted().joined(separator: ", "))
        }
        return table.text
    }

    private func json(_ outcome: ProvingGround.Outcome, _ seed: Int) throws -> JSONValue {
        func list(_ names: [String]) -> JSONValue { .array(names.map { .string($0) }) }
        return .object([
            "bench": "judge", "contender": .string(outcome.contender.rawValue),
            "expectation": .string(outcome.contender.expectation.rawValue),
            "seed": .number(Double(seed)), "mistake": .bool(outcome.isMistake),
            "asExpected": .bool(outcome.isAsExpected),
            "accuracyFailures": list(outcome.accuracyFailures),
            "probeFailures": list(outcome.probeFailures),
            "refusal": outcome.refusal.map { .string($0) } ?? .null,
            "weights": .string("\(outcome.weights)"),
            "original": outcome.report.map { .string("\($0.original)") } ?? .null,
            "data": .string("\(outcome.data)"), "libTorch": .string(LibTorch.loadedVersion),
            "threads": .number(Double(placeOptions.place.threads)),
            "date": .string(Timestamp(Date()).description),
            "machine": .string(Machine.description),
            "probes": .array(
                try (outcome.report?.probes ?? []).map {
                    try StrictJSON.parse(CanonicalJSON.encode($0))
                }),
        ])
    }
}
