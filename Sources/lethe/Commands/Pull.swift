internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pull",
        abstract: "Write a version's files into a folder, every byte verified.",
        discussion: "Without an @ it is the newest certified version.")

    @Argument(help: "model or model@revision.")
    var revision: String

    @Argument(help: "The folder to write; new or empty.", completion: .directory)
    var folder: String

    @Flag(help: "Take a version that nobody certified.")
    var uncertified = false

    @OptionGroup var consumerOptions: ConsumerOptions
    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let outcome = try registry.pull(
            Revision(revision), to: URL(fileURLWithPath: folder),
            allowingUncertified: uncertified, seen: consumerOptions.seen,
            as: consumerOptions.consumer(), progress: registryOptions.progress())
        let files = outcome.version.manifest.files
        registryOptions.output.write(
            .object([
                "version": .string(outcome.version.name), "folder": .string(outcome.folder.path),
                "certified": .bool(outcome.isCertified),
                "files": .array(files.map { .string($0.path) }),
            ]),
            text: "Pulled \(outcome.version.name) to \(outcome.folder.path): \(files.count) files, "
                + "every byte verified"
                + (outcome.isCertified
                    ? "; certificate in \(Registry.certificateName), its place in the log in "
                        + Registry.proofName : ""))
    }
}
