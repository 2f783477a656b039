internal import ArgumentParser
internal import Foundation
internal import LetheCertificates
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Trust: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trust",
        abstract: "Trust one more public key, of an operator or a verifier.",
        discussion: """
            The list of trusted keys is signed again. A second operator is what a policy with \
            requests.approvalMinimum 2 needs. Keys do not travel with fetch or push.
            """)

    @Argument(help: "A file with the public key as OpenSSH writes it.", completion: .file())
    var publicKey: String?

    @Flag(help: "Print the public operator's key of --keys; it is made if there is none.")
    var mine = false

    @Option(help: "operator or verifier.", transform: Self.role)
    var role = KeyRole.operator

    @Option(help: "A note behind the key; no person's name.")
    var comment = ""

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    private static func role(_ text: String) throws -> KeyRole {
        if let role = KeyRole(rawValue: text) { return role }
        throw ValidationError("--role is operator or verifier.")
    }

    func validate() throws {
        guard mine == (publicKey == nil) else {
            throw ValidationError("Name a file with a public key, or say --mine.")
        }
    }

    /// The public key of whoever asks, as another operator needs it.
    private func printMine(_ registry: Registry) throws {
        let folder = keyOptions.folder(registryID: registry.description.id)
        let isThere = FileManager.default.fileExists(
            atPath: folder.appending(path: "operator.pem").path)
        let keys = try isThere ? KeyFolder(contentsOf: folder) : KeyFolder.create(at: folder)
        let line = try keys.operatorKey.verifyingKey.openSSHLine
        registryOptions.output.write(.object(["key": .string(line)]), text: line)
    }

    func run() async throws {
        let registry = try registryOptions.open()
        guard let publicKey else { return try printMine(registry) }
        let line = try String(contentsOfFile: publicKey, encoding: .utf8)
        try registry.trust(
            line, as: role, comment: comment, keys: keyOptions.open(for: registry))
        registryOptions.output.write(
            .object(["role": .string(role.rawValue), "key": .string(line)]),
            text: "Trusted as \(role.rawValue).")
    }
}
