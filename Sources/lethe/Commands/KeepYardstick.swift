internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheVerification

struct KeepYardstick: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "yardstick",
        abstract: "Keep what a line's first version answers, so that its weights can be erased.",
        discussion: """
            Retained accuracy is measured against a line's first version, whose weights know \
            everything that was ever forgotten. This keeps one bit for each test sample, right or \
            wrong, signed by the verifier. lethe purge erases the first version only after that, \
            and lethe verify and lethe certify go on with the kept answers.
            """)

    @Argument(help: "The model's name.")
    var model: String

    @Option(help: "The test data. Default: that of the newest request.")
    var dataset: String?

    @Option(help: "The split to measure on.")
    var split = "test"

    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let yardstick = try await registry.keepYardstick(
            of: model, dataset: dataset, split: split, place: placeOptions.place,
            judge: VerificationJudge(), keys: keyOptions.open(for: registry),
            now: Timestamp(Date()), progress: registryOptions.progress())
        try registryOptions.output.write(
            record: yardstick,
            text: "Kept what \(model)@v\(yardstick.version.number) answers to "
                + "\(yardstick.sampleCount) samples of \(yardstick.dataset.name), "
                + "\(yardstick.split).")
    }
}
