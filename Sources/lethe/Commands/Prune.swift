internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Prune: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove pulled copies of revoked versions from folders, and sign a receipt.",
        discussion: """
            Only files that a revoked version has, byte for byte, are removed. The receipt is \
            signed with the consumer's key and left in the registry, if that can be written; \
            otherwise send what --json prints to whoever runs it, for lethe notices --receipt.
            """)

    @Argument(help: "Folders that lethe pull wrote.", completion: .directory)
    var folders: [String]

    @Flag(help: "Remove what is revoked; required, so that nobody removes by accident.")
    var revoked = false

    @OptionGroup var consumerOptions: ConsumerOptions
    @OptionGroup var registryOptions: RegistryOptions

    func validate() throws {
        if !revoked { throw ValidationError("Say --revoked to remove revoked versions.") }
        if consumerOptions.as == nil { throw ValidationError("Say who you are with --as.") }
    }

    func run() async throws {
        let registry = try registryOptions.open()
        guard let consumer = try consumerOptions.consumer() else { return }
        var outcomes: [PruneOutcome] = []
        for folder in folders {
            outcomes.append(
                try registry.prune(
                    URL(fileURLWithPath: folder), as: consumer, now: Timestamp(Date())))
        }
        registryOptions.output.write(.array(outcomes.map(json)), text: text(outcomes))
    }

    private func text(_ outcomes: [PruneOutcome]) -> String {
        outcomes.map { outcome in
            outcome.removed.isEmpty
                ? "\(outcome.folder.path): nothing revoked."
                : "\(outcome.folder.path): removed \(outcome.removed.count) files of "
                    + outcome.versions.joined(separator: ", ") + "."
        }.joined(separator: "\n")
    }

    private func json(_ outcome: PruneOutcome) -> JSONValue {
        .object([
            "folder": .string(outcome.folder.path),
            "versions": .array(outcome.versions.map(JSONValue.string)),
            "removed": .array(outcome.removed.map(JSONValue.string)),
            "receipts": .array(
                outcome.receipts.map { .string(String(decoding: $0, as: UTF8.self)) }),
        ])
    }
}
