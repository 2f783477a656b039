internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "The keys that objects are encrypted with, one for each line.",
        discussion: """
            They are in objects/ of the folder of private keys, if the registry was made with \
            lethe init --encrypt.
            """,
        subcommands: [ListKeys.self, DestroyKeys.self])
}

struct ListKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show what each line's key encrypts; not the keys themselves.")

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let uses = try registry.objectKeyUse(keys: keyOptions.open(for: registry))
        var table = Table(["line", "key", "objects", "size"], numbers: [2, 3])
        for use in uses {
            table.add(
                use.line ?? "(not at hand)", use.fingerprints.joined(separator: " "),
                "\(use.objectCount)", Numbers.size(use.sizeBytes))
        }
        registryOptions.output.write(
            KeyRendering.json(uses), text: uses.isEmpty ? "There is no object key." : table.text)
    }
}

struct DestroyKeys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "destroy",
        abstract: "Destroy keys, so that no copy of what is gone can be read, and sign a receipt.",
        discussion: """
            What is left under the keys is encrypted with new ones first, whichever line needs it: \
            no version loses its bytes, and whoever has an older copy of the registry can read \
            nothing of these lines in it any more. lethe purge does this by itself.
            """)

    @Argument(help: "The models.")
    var models: [String]

    @Flag(help: "Change nothing; say what would stay, and which versions need it.")
    var dryRun = false

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let keys = try keyOptions.open(for: registry)
        let uses = try registry.objectKeyUse(of: models, keys: keys)
        guard !dryRun else {
            return registryOptions.output.write(
                .object(["dryRun": .bool(true), "keys": KeyRendering.json(uses)]),
                text: KeyRendering.text(uses))
        }
        let result = try registry.destroyKeys(
            of: models, keys: keys, now: Timestamp(Date()), progress: registryOptions.progress())
        let receipt = try result.receipt?.json() ?? .null
        registryOptions.output.write(
            .object([
                "dryRun": .bool(false), "keys": KeyRendering.json(uses),
                "encryptedAnewCount": .number(Double(result.encryptedAnewCount)),
                "receipt": receipt,
            ]), text: KeyRendering.text(result))
    }
}
