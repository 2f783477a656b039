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

    @Argument(
        help:
            "The registry that receives: a folder, ssh://host/path, https://host, or a remote's name.",
        completion: .directory)
    var target: String

    @Argument(help: "Models, and datasets as datasets/<name>; none for all.")
    var lines: [String] = []

    @OptionGroup var serverOptions: ServerOptions
    @OptionGroup var keyOptions: KeyOptions
    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let options = keyOptions
        let report = try registry.push(
            lines, to: registry.address(target).asked(by: serverOptions.access),
            now: Timestamp(Date()),
            keys: { (target) throws(LetheError) in try options.open(for: target) },
            progress: registryOptions.progress())
        try TransferRendering.finish(report, registryOptions.output)
    }
}
