internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheStorage

struct Clone: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clone",
        abstract: "Make a registry that has every version of another and trusts its keys.",
        discussion: """
            The clone has its own id and its own keys. The keys that it takes over are shown: \
            compare them with what their owner says, or pin the operator's with --trust. After an \
            interruption the same command goes on.
            """)

    @Argument(
        help:
            "The registry to clone: a folder, ssh://host/path, https://host or s3://bucket/prefix.",
        completion: .directory)
    var source: String

    @Argument(help: "The new registry's folder; new or empty.", completion: .directory)
    var folder: String

    @Option(
        help: "Fingerprint (SHA256:…) of the operator's key that must have signed the trusted keys."
    )
    var trust: [String] = []

    @Option(help: LineageHelp.text)
    var lineage: String?

    @OptionGroup var serverOptions: ServerOptions
    @OptionGroup var keyOptions: KeyOptions

    @Flag(help: "Answer with one JSON document on standard output.")
    var json = false

    @Flag(help: "Show no progress.")
    var quiet = false

    func run() async throws {
        let output = Output(asJSON: json)
        let root = URL(fileURLWithPath: folder)
        var keys = root
        let cloned = try Registry.clone(
            RemoteAddress(source, lineage: lineage).asked(by: serverOptions.access), to: root,
            pins: trust, now: Timestamp(Date()),
            makeKeys: { (begin) throws(LetheError) in
                keys = try keysFolder(root, begin)
                return try KeyFolder(contentsOf: keys)
            },
            progress: ProgressBar.handler(quiet: quiet || json))
        let registry = cloned.registry
        output.note(
            "Made the registry \(root.path), a clone of "
                + "\(cloned.origin.registry).\nIts private keys are in \(keys.path).\n"
                + "It trusts these keys, because the other registry does:")
        for key in cloned.adopted { output.note("  \(key.role) \(key.fingerprint)") }
        try TransferRendering.finish(
            cloned.report, output,
            also: [
                "registry": .string(root.path),
                "id": .string(registry.description.id), "keys": .string(keys.path),
                "origin": .string(cloned.origin.registry),
                "adopted": .array(
                    cloned.adopted.map {
                        .object([
                            "role": .string($0.role), "fingerprint": .string($0.fingerprint),
                        ])
                    }),
            ])
    }

    /// The keys of the clone; those that it has, if the same command was interrupted before.
    private func keysFolder(
        _ root: URL, _ make: (KeyFolder) throws(LetheError) -> Registry
    ) throws(LetheError) -> URL {
        let hasBegun = FileManager.default.fileExists(
            atPath: root.appending(path: Registry.originName).path)
        if hasBegun {
            return keyOptions.folder(registryID: try Registry(opening: root).description.id)
        }
        return try keyOptions.makingKeys(make).folder
    }
}
