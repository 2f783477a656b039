internal import ArgumentParser
internal import Foundation
internal import LetheCertificates
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Proof: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "proof",
        abstract: "Write the proof that a version is in the log, or check one.",
        discussion: """
            The proof is a C2SP .tlog-proof file. Checking one with --check needs no registry, \
            only the trusted keys.
            """)

    @Argument(help: "model or model@revision; not with --check.")
    var revision: String?

    @Option(help: "Where to write the proof. Default: standard output.", completion: .file())
    var output: String?

    @Option(help: "A proof to check.", completion: .file())
    var check: String?

    @Option(
        help: "The trusted keys (allowed_signers). Default: those of --registry.",
        completion: .file())
    var trusted: String?

    @OptionGroup var registryOptions: RegistryOptions

    func validate() throws {
        if (revision == nil) == (check == nil) {
            throw ValidationError("Name a version, or a proof with --check.")
        }
    }

    func run() async throws {
        if let check { return try verify(check) }
        let registry = try registryOptions.open()
        let proof = try registry.proof(of: registry.resolve(Revision(revision ?? "")))
        let text = String(decoding: proof.fileBytes, as: UTF8.self)
        if let output { try CheckpointFile.write(proof.fileBytes, to: output) }
        registryOptions.output.write(
            .object(["index": .number(Double(proof.index)), "proof": .string(text)]),
            text: output.map { "Wrote \($0): entry \(proof.index) of \(registry.logOrigin)" }
                ?? String(text.dropLast()))
    }

    private func verify(_ path: String) throws {
        let keys = trusted ?? registryOptions.url.appending(path: "keys/allowed_signers").path
        let text = String(decoding: try CheckpointFile.read(keys), as: UTF8.self)
        let proof = try LogProof.file(CheckpointFile.read(path))
        let leaf = try proof.check(trusted: TrustedKeys(allowedSigners: text))
        try registryOptions.output.write(
            record: leaf,
            text: "The proof holds: entry \(proof.index) logs \(leaf.title) "
                + "(\(leaf.operation), \(leaf.time)), record \(leaf.record).")
    }
}
