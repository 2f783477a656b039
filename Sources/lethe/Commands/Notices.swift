internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Notices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "notices",
        abstract: "List who pulled a version that is revoked now and has not pruned it.",
        discussion: "Known are those who pulled with --as while the registry could be written.")

    @Option(
        parsing: .upToNextOption,
        help: "Receipts that consumers sent: files with an envelope each. They are taken in first.",
        completion: .file())
    var receipt: [String] = []

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        for path in receipt {
            let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
            _ = try registry.takeIn(receipt: bytes)
        }
        let owed = try registry.notices()
        var table = Table(["consumer", "version", "pulled"])
        for one in owed { table.add(one.consumer, one.version, one.pulled.description) }
        registryOptions.output.write(
            .array(owed.map(json)),
            text: owed.isEmpty ? "Nobody is known to owe a receipt." : table.text)
    }

    private func json(_ one: OwedReceipt) -> JSONValue {
        .object([
            "consumer": .string(one.consumer), "version": .string(one.version),
            "pulled": .string(one.pulled.description),
        ])
    }
}
