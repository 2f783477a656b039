internal import ArgumentParser
internal import Foundation
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Publish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish a model folder as the next version of a model.")

    @Argument(help: "The model's name: a-z, 0-9, dot, dash and underscore.")
    var model: String

    @Argument(
        help:
            "A folder with config.json, preprocessor_config.json and model.safetensors (or its shards).",
        completion: .directory)
    var folder: String

    @Flag(help: "Read every file again, also those that have not changed by their times.")
    var full = false

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let version = try await registry.publish(
            URL(fileURLWithPath: folder), as: model, engine: ForgettingEngine(),
            keys: keyOptions.open(for: registry), now: Timestamp(Date()), rereading: full,
            progress: registryOptions.progress())
        try registryOptions.output.write(
            version)
    }
}
