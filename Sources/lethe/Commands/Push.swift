internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Push: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "push",
        abstract: "Send versions to another registry; references move last and only forward.",
        discussion: """
            Only what the other registry lacks travels, and after an interruption the same command \
            sends the rest. Its trusted keys must include yours and those that signed the versions.
            """)

    @Argument(help: "The folder of the registry that receives.", completion: .directory)
    var target: String

    @Argument(help: "Models, and datasets as datasets/<name>; none for all.")
    var lines: [String] = []

    @OptionGroup var keyOptions: KeyOptions
    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let root = URL(fileURLWithPath: target)
        let keys = try keyOptions.open(for: Registry(opening: root))
        let report = try registryOptions.open().push(
            lines, to: root, keys: keys, progress: registryOptions.progress())
        try TransferRendering.finish(report, registryOptions.output)
    }
}
