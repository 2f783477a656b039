internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheReports

struct Twins: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Judge a recipe on many small twins beside Retrain: tier 3.",
        discussion: """
            For each pair a small model learns half of the samples in question and forgets them by the \
            recipe, and its twin is trained without any. Attackers learn from the first half of the \
            pairs and are tried on the others: U-LiRA and the two attacks of RULI, beside the average \
            gap over UA, RA, TA and MIA. An attack that cannot tell the models that forgot nothing \
            is reported as carrying no information. Killed at any moment, the same command goes on. \
            It says something about a recipe on twins, and nothing about one file. Exit code 3 if a \
            gate did not hold, or if no attack said anything.
            """)

    @Argument(help: "How the twins forget: a recipe's name, or a recipe file.")
    var recipe: String

    @Argument(
        help: "A folder with config.json and preprocessor_config.json of a small model.",
        completion: .directory)
    var model: String

    @Argument(help: "The dataset's folder.", completion: .directory)
    var dataset: String

    @Option(help: "The folder of the batch; what is there is gone on with.")
    var work: String

    @Option(help: "How twins are trained: a recipe of the method retrain, or its file.")
    var training = "retrain"

    @Option(
        name: .customLong("class"), parsing: .upToNextOption,
        help: "Classes to forget. Default: a share of all samples.")
    var classes: [Int] = []

    @Option(help: "The share of training samples in question, without --class.")
    var share = 0.1

    @Option(help: "How many pairs; later calls may ask for more.")
    var pairs = 16

    @Option(help: "The seed of everything random.")
    var seed = 1

    @Option(help: "Training samples of each class; 0 for all.")
    var train = 0

    @Option(help: "Held-out samples of each class; 0 for all.")
    var test = 0

    @Option(help: "By how much an attack may do better than guessing, in 0...1.")
    var advantage = 0.1

    @Option(help: "How much farther than another seed a recipe may be from Retrain, in points.")
    var gap = 5.0

    @Option(help: "A file that a JSON line with every figure is appended to.")
    var results: String?

    @OptionGroup var placeOptions: PlaceOptions

    @Flag(help: "Answer with one JSON document on standard output.")
    var json = false

    @Flag(help: "Show no progress.")
    var quiet = false

    func validate() throws {
        let minimum = TwinReport.pairMinimum(level: TwinBars().level)
        guard pairs >= minimum else {
            throw ValidationError("There must be at least \(minimum) pairs to find anything.")
        }
        guard share > 0, share < 1, (0...1).contains(advantage), gap >= 0 else {
            throw ValidationError(
                "A share is between 0 and 1, an advantage too, and a gap is not negative.")
        }
    }

    func run() async throws {
        let batch = TwinBatch(
            setting: MethodTrial.Setting(
                modelFolder: URL(fileURLWithPath: model),
                dataset: DatasetLocation(url: URL(fileURLWithPath: dataset)),
                target: classes.isEmpty ? .share(share) : .classes(classes), trainPerClass: train,
                testPerClass: test, place: placeOptions.place),
            recipes: TwinTrial.Recipes(
                training: try RecipeFile.read(training), forgetting: try RecipeFile.read(recipe)),
            seed: seed, work: URL(fileURLWithPath: work),
            progress: ProgressBar.handler(quiet: quiet))
        let report = try TwinReport(
            batch.pairs(pairs),
            bars: TwinBars(advantageMaximum: advantage, gapExcessMaximum: gap))
        let answer = JSONValue.object([
            "batch": try batch.identity(), "passed": .bool(report.passed),
            "report": try StrictJSON.parse(CanonicalJSON.encode(report)),
        ])
        if let results {
            var members = answer.objectValue ?? [:]
            members["bench"] = "twins"
            members["recipe"] = .string(batch.recipes.forgetting.name)
            members["date"] = .string(Timestamp(Date()).description)
            members["machine"] = .string(Machine.description)
            try JSONLines.append(.object(members), to: URL(fileURLWithPath: results))
        }
        Output(asJSON: json).write(answer, text: TwinRendering.text(report))
        if !report.passed { throw ExitCode(ErrorCode.gateFailed.exitCode) }
    }
}

/// A recipe in a file, or one of those that new registries start from, for whoever has no registry.
enum RecipeFile {
    static func read(_ name: String) throws(LetheError) -> Recipe {
        let isPath = name.contains("/") || name.hasSuffix(".json")
        let url =
            isPath
            ? URL(fileURLWithPath: name)
            : try DefaultsFolder.find(nil).appending(path: "recipes/\(name).json")
        guard let data = try? Data(contentsOf: url) else {
            throw LetheError(
                code: .notFound, message: "The recipe \(name) cannot be read.",
                remedy: "Name a file, or a recipe of registry/recipes.")
        }
        return try Recipe.read(handwritten: [UInt8](data))
    }
}
