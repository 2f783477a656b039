internal import ArgumentParser
internal import Foundation
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Forget: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Honour an erasure request: make a model forget classes.",
        discussion: """
            The result is the next version of the model. It is worth nothing until lethe certify \
            says so. After Ctrl-C, the same command goes on where it stopped. A model that was \
            trained with the method s3t deletes without training: it serves earlier stages.
            """)

    @Argument(help: "The model's name.")
    var model: String

    @Option(
        name: .customLong("class"), parsing: .upToNextOption, help: "The classes to forget.")
    var classes: [Int] = []

    @Option(
        parsing: .upToNextOption,
        help: "Training samples to delete, by position from 0; only of a model trained with s3t.")
    var samples: [Int] = []

    @Option(help: "The dataset that shows the classes to forget and to retain.")
    var dataset: String

    @Option(help: "The recipe's name, or a recipe file.")
    var recipe = "gs-lora"

    @Option(help: "The seed of everything random.")
    var seed = 1

    @Option(help: "A reference to the requester's file; not a name.")
    var reference: String?

    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func validate() throws {
        if classes.isEmpty == samples.isEmpty {
            throw ValidationError("Name classes with --class, or samples with --samples.")
        }
    }

    func run() async throws {
        let registry = try registryOptions.open()
        if !samples.isEmpty { return try deleteSamples(registry) }
        let version = try await registry.forget(
            ForgetOrder(
                model: model, classes: classes, dataset: dataset,
                recipe: registry.recipe(named: recipe), seed: seed,
                place: placeOptions.place, reference: reference),
            engine: ForgettingEngine(), keys: keyOptions.open(for: registry),
            now: Timestamp(Date()), progress: registryOptions.progress())
        try registryOptions.output.write(version)
        registryOptions.output.note(alarmsOf: version)
        if version.manifest.run?.goalReached == false {
            registryOptions.output.note(
                "The recipe's goal was not reached on the validation samples; "
                    + "lethe certify will probably refuse this version.")
        }
        registryOptions.output.note("Next: lethe certify \(model)")
    }

    private func deleteSamples(_ registry: Registry) throws {
        let version = try registry.rollBack(
            RollBackOrder(model: model, samples: samples, dataset: dataset, reference: reference),
            keys: keyOptions.open(for: registry), now: Timestamp(Date()))
        try registryOptions.output.write(version)
        registryOptions.output.note(alarmsOf: version)
        registryOptions.output.note("Next: lethe certify \(model)")
    }
}
