internal import ArgumentParser
internal import Foundation
internal import LetheForgetting
internal import LetheRecords

struct BenchMethods: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "methods",
        abstract: "Compare methods with Retrain: the tables of the papers, on data at hand.",
        discussion: """
            A plan (Benchmarks/methods/) names the rows. The original is trained on everything, \
            Retrain on what is retained, and every row starts from the original. One value a row \
            is tuned, with as many candidates for each, on held-out training samples under a seed \
            that the table does not use; the table is measured on the test split.
            """)

    @Argument(help: "The plan, a JSON file.", completion: .file(extensions: ["json"]))
    var plan: String

    @Argument(
        help: "A folder with config.json and preprocessor_config.json.", completion: .directory)
    var model: String

    @Argument(help: "The dataset's folder.", completion: .directory)
    var dataset: String

    @Option(
        name: .customLong("class"), parsing: .upToNextOption,
        help: "Classes to forget. Default: a share of all samples.")
    var classes: [Int] = []

    @Option(help: "The share of training samples to forget, without --class.")
    var share = 0.1

    @Option(help: "How many seeds.")
    var seeds = 3

    @Option(help: "Training samples of each class; 0 for all.")
    var train = 0

    @Option(help: "Held-out samples of each class; 0 for all.")
    var test = 0

    @Option(help: "A file that the JSON lines are appended to.")
    var results: String?

    @OptionGroup var placeOptions: PlaceOptions

    @Flag(help: "Show no progress.")
    var quiet = false

    func run() async throws {
        guard seeds > 0, share > 0, share < 1 else {
            throw ValidationError("There is at least one seed, and a share between 0 and 1.")
        }
        let plan = try MethodPlan(readingFrom: URL(fileURLWithPath: plan))
        let comparison = MethodComparison(
            plan: plan,
            setting: MethodTrial.Setting(
                modelFolder: URL(fileURLWithPath: model),
                dataset: DatasetLocation(url: URL(fileURLWithPath: dataset)),
                target: classes.isEmpty ? .share(share) : .classes(classes), trainPerClass: train,
                testPerClass: test, place: placeOptions.place),
            progress: ProgressBar.handler(quiet: quiet))
        let chosen = try comparison.choose()
        for (row, value) in chosen.sorted(by: { $0.key < $1.key }) {
            print("\(row): \(value)")
        }
        var table = MethodTable()
        for seed in 1...seeds {
            try comparison.measure(seed: seed, candidates: chosen) { measurement in
                table.add(measurement)
                if let results {
                    try JSONLines.append(
                        json(measurement, plan), to: URL(fileURLWithPath: results))
                }
            }
        }
        print("\n\(plan.title): \(seeds) seeds\n\n\(table.text)")
    }

    private func json(
        _ measurement: MethodComparison.Measurement, _ plan: MethodPlan
    ) throws -> JSONValue {
        .object([
            "bench": "methods", "date": .string(Timestamp(Date()).description),
            "machine": .string(Machine.description), "plan": .string(plan.title),
            "row": .string(measurement.row), "seed": .number(Double(measurement.seed)),
            "method": .string(measurement.recipe.method),
            "parameters": measurement.recipe.parameters,
            "recipe": .string(try measurement.recipe.digest().description),
            "forget": classes.isEmpty
                ? .string("share \(share)")
                : .array(classes.map { .number(Double($0)) }),
            "trainPerClass": .number(Double(train)), "testPerClass": .number(Double(test)),
            "threads": .number(Double(placeOptions.place.threads)),
            "device": .string(placeOptions.place.device),
            "libTorch": .string(MethodTrial.libTorchVersion),
            "figures": try StrictJSON.parse(CanonicalJSON.encode(measurement.figures)),
            "averageGap": .number(measurement.gap),
        ])
    }
}
