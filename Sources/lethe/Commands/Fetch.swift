internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Fetch: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Take versions from another registry; references move last and only forward.",
        discussion: """
            Only what is lacking here travels, and after an interruption the same command takes \
            the rest. Everything is checked against the keys that this registry trusts.
            """)

    @Argument(
        help: "The registry to read: a folder, ssh://host/path, https://host, or a remote's name.",
        completion: .directory)
    var source: String

    @Argument(help: "Models, and datasets as datasets/<name>; none for all.")
    var lines: [String] = []

    @OptionGroup var serverOptions: ServerOptions
    @OptionGroup var keyOptions: KeyOptions
    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let report = try registry.fetch(
            lines, from: registry.address(source).asked(by: serverOptions.access),
            keys: keyOptions.open(for: registry), now: Timestamp(Date()),
            progress: registryOptions.progress())
        try TransferRendering.finish(report, registryOptions.output)
    }
}
