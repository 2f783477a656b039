internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Revoke a version: it is no longer given out, and lethe purge may erase it.",
        discussion: """
            A certificate revokes what it overtakes by itself. This is for the rest: a version \
            that should never have been published, an adapter or a copy that lethe trace found. \
            The reason is signed and kept for ever, so it names nobody.
            """)

    @Argument(help: "model@revision.")
    var revision: String

    @Option(help: "Why, in one sentence without anybody's name.")
    var reason: String

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let record = try registry.revoke(
            Revision(revision), reason: reason, keys: keyOptions.open(for: registry),
            now: Timestamp(Date()))
        let names = record.versions.map { "\(record.model)@v\($0.number)" }
        try registryOptions.output.write(
            record: record,
            text: "Revoked \(names.joined(separator: ", ")); "
                + (record.successor.map { "take \(record.model)@v\($0.number) instead." }
                    ?? "no certified version stands in for it."))
    }
}
