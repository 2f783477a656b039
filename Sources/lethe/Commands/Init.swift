internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Init: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a registry and the keys that sign in it.",
        discussion: "The private keys go into a folder outside the registry.")

    @Argument(help: "The registry's folder; new or empty.", completion: .directory)
    var folder: String

    @Option(help: "A packed registry to start from (registry/sample).", completion: .directory)
    var from: String?

    @Option(help: "A folder with recipes/ and policies/ to start from.", completion: .directory)
    var defaults: String?

    @Option(help: "The policy that judges when none is named.")
    var policy = "default"

    @Flag(
        help: ArgumentHelp(
            "Encrypt every stored object, with a key for each line beside the private keys.",
            discussion: "Cannot be changed later. Lines do not travel to or from such a registry."))
    var encrypt = false

    @OptionGroup var keyOptions: KeyOptions

    @Flag(help: "Answer with one JSON document on standard output.")
    var json = false

    func validate() throws {
        if encrypt, from != nil {
            throw ValidationError("A packed registry is not encrypted: leave out --from.")
        }
    }

    func run() async throws {
        let root = URL(fileURLWithPath: folder)
        let defaults = try DefaultsFolder.find(defaults)
        let (registry, folder) = try keyOptions.makingKeys { (keys) throws(LetheError) in
            try create(root, defaults: defaults, keys: keys)
        }
        Output(asJSON: json).write(
            .object([
                "registry": .string(root.path), "id": .string(registry.description.id),
                "keys": .string(folder.path),
            ]),
            text: "Made the registry \(root.path)\n"
                + "Its private keys are in \(folder.path): keep them safe, and apart from it.")
    }

    private func create(
        _ root: URL, defaults: URL, keys: KeyFolder
    ) throws(LetheError) -> Registry {
        let now = Timestamp(Date())
        if let from {
            return try Registry.create(
                at: root, fromPacked: URL(fileURLWithPath: from), defaults: defaults,
                policy: policy, keys: keys, now: now)
        }
        return try Registry.create(
            at: root, defaults: defaults, policy: policy, keys: keys, now: now,
            encrypting: encrypt)
    }
}
