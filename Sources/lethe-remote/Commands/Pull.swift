internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Pull: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a version's files into a folder, every byte verified.",
        discussion: """
            Without an @ it is the newest certified version. With --trusted the certificate, its \
            place in the log and every file are checked against keys that you trust.
            """)

    @Argument(help: "model or model@revision.")
    var revision: String

    @Argument(help: "The folder to write; new or empty.", completion: .directory)
    var folder: String

    @Option(
        help: "The keys that you trust (allowed_signers). Default: $LETHE_TRUSTED, else none.",
        completion: .file())
    var trusted: String?

    @OptionGroup var options: RemoteOptions

    func run() async throws {
        let (model, selector) = split(revision)
        let keys = trusted ?? ProcessInfo.processInfo.environment["LETHE_TRUSTED"]
        let pulled = try await options.withServer { server in
            try await PullClient(server: server, model: model).pull(
                selector ?? "certified", to: URL(fileURLWithPath: folder),
                trusted: keys.map { URL(fileURLWithPath: $0) })
        }
        let path = URL(fileURLWithPath: folder).standardizedFileURL.path
        Output(asJSON: options.json).write(
            .object([
                "version": .string(pulled.version), "folder": .string(path),
                "certified": .bool(pulled.isCertified),
                "files": .array(pulled.files.map(JSONValue.string)),
            ]),
            text: "Pulled \(pulled.version) to \(path): \(pulled.files.count) files, "
                + "every byte verified"
                + (pulled.isCertified
                    ? "; certificate in \(Registry.certificateName), its place in the log in "
                        + Registry.proofName : ""))
        if pulled.isCertified, keys == nil, !options.json {
            let note = "The certificate's signature was not checked: name keys with --trusted.\n"
            try? FileHandle.standardError.write(contentsOf: Data(note.utf8))
        }
    }
}
