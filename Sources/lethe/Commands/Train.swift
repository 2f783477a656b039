internal import ArgumentParser
internal import Foundation
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train or fine-tune a model and publish the result.",
        discussion: """
            The folder holds config.json and preprocessor_config.json; with model.safetensors in \
            it too, training starts from those weights.
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
        let version = try await registry.train(
            TrainOrder(
                model: model, folder: URL(fileURLWithPath: folder), dataset: dataset,
                excludedClasses: excludedClasses, recipe: registry.recipe(named: recipe),
                seed: seed, place: placeOptions.place),
            engine: ForgettingEngine(), keys: keyOptions.open(for: registry),
            now: Timestamp(Date()), progress: registryOptions.progress())
        try registryOptions.output.write(version)
    }
}
