internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct S3T: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "s3t",
        abstract: "Care for a sharded model, which deletes exactly and without training.",
        discussion: """
            lethe train --recipe s3t makes one, lethe forget deletes from it, lethe certify proves \
            that what it serves never saw what was deleted, lethe show says what is left of it.
            """,
        subcommands: [Replenish.self])
}

struct Replenish: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replenish",
        abstract: "Train replacements for sequences that deletions have killed.",
        discussion: """
            They are trained on the slices that nothing was deleted from. The result is the next \
            version of the model. After Ctrl-C, the same command goes on where it stopped.
            """)

    @Argument(help: "The model's name.")
    var model: String

    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let version = try await registry.replenish(
            model, place: placeOptions.place, engine: ForgettingEngine(),
            keys: keyOptions.open(for: registry), now: Timestamp(Date()),
            progress: registryOptions.progress())
        try registryOptions.output.write(version)
        registryOptions.output.note(alarmsOf: version)
    }
}
