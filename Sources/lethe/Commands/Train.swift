internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train or fine-tune a model and publish the result.",
        discussion: """
            The folder holds config.json and preprocessor_config.json; with model.safetensors in \
            it too, training starts from those weights; with trainedBlockCount in the recipe only so \
            many blocks, counted from the head, are trained. A recipe of the method s3t makes a sharded \
            model: exact deletion without training, see docs/guides/s3t.md.
            """)

    @Argument(help: "The model's name.")
    var model: String

    @Argument(help: "The folder with the configuration.", completion: .directory)
    var folder: String

    @Option(help: "The dataset's name.")
    var dataset: String

    @Option(help: "The recipe's name, or a recipe file.")
    var recipe: String

    @Option(
        name: .customLong("exclude-class"), parsing: .upToNextOption,
        help: "Classes that are not trained on: the Retrain baseline.")
    var excludedClasses: [Int] = []

    @Option(help: "The seed of everything random.")
    var seed = 1

    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let order = TrainOrder(
            model: model, folder: URL(fileURLWithPath: folder), dataset: dataset,
            excludedClasses: excludedClasses, recipe: try registry.recipe(named: recipe),
            seed: seed, place: placeOptions.place)
        let (engine, keys) = (ForgettingEngine(), try keyOptions.open(for: registry))
        let (now, progress) = (Timestamp(Date()), registryOptions.progress())
        let version =
            if order.recipe.method == "s3t" {
                try await registry.trainShards(
                    order, engine: engine, keys: keys, now: now, progress: progress)
            } else {
                try await registry.train(
                    order, engine: engine, keys: keys, now: now, progress: progress)
            }
        try registryOptions.output.write(version)
        registryOptions.output.note(alarmsOf: version)
    }
}
