internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Purge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "purge",
        abstract: "Erase what only revoked versions reach, and sign a receipt.",
        discussion: """
            The grace period is the policy's purgeGraceDays, 30 days if it names none, and counts \
            from the revocation. What goes gets signed tombstones first. Nothing that a surviving \
            version needs goes. Tombstones that came from another registry are honoured at once. \
            After an interruption it goes on when it is run again. Replicas and backups are listed \
            in copies.json of the registry; Lethe does not reach them.
            """)

    @Argument(help: "The models; none for all.")
    var models: [String] = []

    @Flag(help: "Do not wait for the end of the grace period.")
    var now = false

    @Flag(help: "Change nothing; say what would go, what stays, and why.")
    var dryRun = false

    @Option(help: "The policy whose grace period counts. Default: the registry's.")
    var policy: String?

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let order = PurgeOrder(
            models: models, skipsGrace: now, isDryRun: dryRun,
            policy: try registry.policy(named: policy ?? registry.description.policy))
        let report = try registry.purge(
            order, keys: dryRun ? nil : keyOptions.open(for: registry), now: Timestamp(Date()),
            progress: registryOptions.progress())
        let json = try PurgeRendering.json(report)
        registryOptions.output.write(json, text: PurgeRendering.text(report))
    }
}
