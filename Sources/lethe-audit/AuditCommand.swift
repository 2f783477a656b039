internal import ArgumentParser
internal import Foundation
internal import LetheAudit
internal import LetheRecords
internal import LetheRegistry

/// The one command.
struct AuditCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lethe-audit",
        abstract: "Check everything that a lineage claims, without its objects, images or weights.",
        discussion: """
            FOLDER is a registry, or what git clone --mirror made of its lineage.git; a clone needs \
            --trusted, and --log for the log. Signatures, versions, requests, certificates, figures, \
            judgements, the log, revocations, tombstones and receipts are checked against each \
            other. Nothing is measured again: that takes the data and lethe verify.

            Exit codes: 0 nothing contradicts the claims, 1 failed, 2 usage, 4 something does not \
            hold, 5 refused.
            """,
        version: letheVersion)

    @Argument(help: "A registry, or a clone of its lineage.", completion: .directory)
    var folder: String

    @Option(
        help: """
            The trusted keys (allowed_signers). Default: the registry's own, which then vouches \
            for itself.
            """,
        completion: .file())
    var trusted: String?

    @Option(help: "A copy of the registry's folder log/.", completion: .directory)
    var log: String?

    @Option(
        help: "A policy file, or a folder of them, besides the registry's own. May be repeated.",
        completion: .file())
    var policy: [String] = []

    @Option(help: "A checkpoint that an earlier audit saved.", completion: .file())
    var against: String?

    @Option(
        help: "Where to save the present checkpoint, if nothing is broken.", completion: .file())
    var save: String?

    @Option(help: "A new folder for the evidence pack.", completion: .directory)
    var pack: String?

    @Option(
        help: """
            With --pack: your own Ed25519 key (PKCS#8 PEM), which signs the statements that are \
            derived from the records. Default: they stay unsigned.
            """,
        completion: .file())
    var signWith: String?

    @Option(help: "Where to write the report as one HTML page.", completion: .file())
    var html: String?

    @Flag(help: "Answer with one JSON document on standard output.")
    var json = false

    func validate() throws {
        if signWith != nil, pack == nil { throw ValidationError("--sign-with belongs to --pack.") }
    }

    func run() throws {
        let source = try AuditSource(
            folder: URL(fileURLWithPath: folder), log: log.map { URL(fileURLWithPath: $0) },
            trusted: trusted.map { URL(fileURLWithPath: $0) },
            policies: policy.map { URL(fileURLWithPath: $0) })
        let saved = try against.map { try SmallFile.read($0) }
        let dossier = try LineageAudit(source, against: saved).run()
        let now = Timestamp(Date())
        if let pack {
            try EvidencePack.write(
                dossier, from: source, to: URL(fileURLWithPath: pack), at: now,
                signedBy: signWith.map { URL(fileURLWithPath: $0) })
        }
        if let html {
            try SmallFile.write(Array(PageReport.html(dossier, at: now).utf8), to: html)
        }
        print(
            json
                ? PrettyJSON.text(DocumentReport.json(dossier)) : TextReport.text(dossier))
        guard dossier.isClean else { throw ExitCode(ErrorCode.integrity.exitCode) }
        if let save { try SmallFile.write(source.checkpoint(), to: save) }
    }
}

/// The files that the command itself reads and writes.
enum SmallFile {
    static func read(_ path: String) throws(LetheError) -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw LetheError(
                code: .notFound, message: "\(path) cannot be read.",
                remedy: "Name a file that is there and that you may read.", cause: error)
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws(LetheError) {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw LetheError(
                code: .io, message: "\(path) cannot be written.",
                remedy: "Name a file in a folder that you may write.", cause: error)
        }
    }
}
