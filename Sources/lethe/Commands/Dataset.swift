internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Dataset: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dataset",
        abstract: "Tell a registry about data; samples stay where they are.",
        subcommands: [Add.self])

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add",
            abstract: "Register a dataset: counts and keyed commitments, never samples.",
            discussion: "Every sample is decoded once. Run it again when the data moved.")

        @Argument(help: "The dataset's name.")
        var name: String

        @Argument(help: "The folder of the samples.", completion: .directory)
        var path: String

        @Option(help: "folder, tar, idx, cifar10 or cifar100. Default: look.")
        var format: String?

        @OptionGroup var registryOptions: RegistryOptions
        @OptionGroup var keyOptions: KeyOptions

        func run() async throws {
            let registry = try registryOptions.open()
            let dataset = try await registry.addDataset(
                named: name,
                at: DatasetLocation(url: URL(fileURLWithPath: path), format: format),
                engine: ForgettingEngine(), keys: keyOptions.open(for: registry),
                now: Timestamp(Date()), progress: registryOptions.progress())
            try registryOptions.output.write(record: dataset.record, text: text(dataset.record))
        }

        private func text(_ record: DatasetRecord) -> String {
            var table = Table(["split", "classes", "samples"], numbers: [1, 2])
            for split in record.splits {
                table.add(
                    split.name, "\(split.classSampleCounts.filter { $0 > 0 }.count)",
                    "\(split.classSampleCounts.reduce(0, +))")
            }
            return "Added the dataset \(record.name)\n\(table.text)"
        }
    }
}
