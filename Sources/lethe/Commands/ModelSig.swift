internal import ArgumentParser
internal import Foundation
internal import LetheModelSigning
internal import LetheRecords

struct ModelSig: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model-sig",
        abstract: "Sign a model's folder for tools that know the OpenSSF format, or check one.",
        discussion: """
            The format is OpenSSF Model Signing 1.0, which knows keys on the curves P-256, P-384 and \
            P-521 only, so that a signature takes another key than those of the registry. It says \
            whose files these are; what they still know is what a certificate says.
            """,
        subcommands: [Sign.self, Check.self])

    struct Sign: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write model.sig into a folder, over every file that is in it.")

        @Argument(help: "The folder, for example a pulled one.", completion: .directory)
        var folder: String

        @Option(
            help: """
                Your P-256 key (PEM): openssl genpkey -algorithm EC -pkeyopt \
                ec_paramgen_curve:P-256 -out model.pem
                """,
            completion: .file())
        var key: String

        @Option(help: "Where to write it. Default: model.sig in the folder.", completion: .file())
        var output: String?

        func run() throws {
            let url = URL(fileURLWithPath: folder)
            let bundle = try ModelSignature.sign(
                url, with: ModelSigningKey(pem: ModelSig.text(of: key)))
            let target =
                output.map { URL(fileURLWithPath: $0) }
                ?? url.appending(path: ModelSignature.fileName)
            do {
                try Data(bundle).write(to: target, options: .atomic)
            } catch {
                throw LetheError(
                    code: .io, message: "\(target.path) cannot be written.",
                    remedy: "Name a file that you may write with --output.", cause: error)
            }
            print("\(target.path) signs every file of \(folder).")
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that every file of a folder is what its signer signed.")

        @Argument(help: "The folder.", completion: .directory)
        var folder: String

        @Option(help: "The signer's public key (PEM).", completion: .file())
        var publicKey: String

        @Option(help: "The signature. Default: model.sig in the folder.", completion: .file())
        var signature: String?

        func run() throws {
            let url = URL(fileURLWithPath: folder)
            let file = signature ?? url.appending(path: ModelSignature.fileName).path
            let checked = try ModelSignature.check(
                Array(ModelSig.text(of: file).utf8), of: url,
                key: ModelVerifyingKey(pem: ModelSig.text(of: publicKey)))
            print(
                """
                The model \(checked.model) is what its signer signed: \(checked.resourceCount) files.
                root \(checked.root)
                """)
        }
    }

    static func text(of path: String) throws(LetheError) -> String {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw LetheError(
                code: .notFound, message: "\(path) cannot be read.",
                remedy: "Name a file that is there and that you may read.")
        }
        return text
    }
}
