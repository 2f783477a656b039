internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "Prove that the history is the one that was logged, and that none of it was cut.",
        discussion: """
            Every hash of the log is recomputed and every entry compared with the version it \
            names. With --against, the log must begin with what a checkpoint covers that you kept \
            from an earlier audit; keep one outside the registry with --save. With --remote, another \
            registry is asked instead: whether it knows every revocation and purge, has nothing \
            that was purged here, and gives true bytes.
            """)

    @Option(help: "A checkpoint that an earlier audit saved.", completion: .file())
    var against: String?

    @Option(help: "Where to save the present checkpoint, if the audit holds.", completion: .file())
    var save: String?

    @Option(
        help: "Another registry to ask: a remote's name, a folder, ssh://host/path or https://host."
    )
    var remote: String?

    @Flag(help: "With --remote, do not read the objects of its versions.")
    var quick = false

    @OptionGroup var serverOptions: ServerOptions
    @OptionGroup var registryOptions: RegistryOptions

    func validate() throws {
        guard remote == nil || (against == nil && save == nil) else {
            throw ValidationError("--remote goes without --against and --save.")
        }
        guard remote != nil || !quick else { throw ValidationError("--quick needs --remote.") }
    }

    func run() async throws {
        let registry = try registryOptions.open()
        if let remote {
            return try registryOptions.check(
                remote: remote, askedBy: serverOptions.access, for: registry,
                readsObjects: !quick)
        }
        let saved = try against.map { try CheckpointFile.read($0) }
        let report = try registry.audit(against: saved)
        registryOptions.output.write(
            AuditRendering.json(report), text: AuditRendering.text(report))
        if !report.isClean { throw ExitCode(ErrorCode.integrity.exitCode) }
        if let save { try CheckpointFile.write(registry.checkpoint(), to: save) }
    }
}

/// The files of saved checkpoints.
enum CheckpointFile {
    static func read(_ path: String) throws -> [UInt8] {
        do {
            return [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        } catch {
            throw LetheError(
                code: .notFound, message: "The saved checkpoint \(path) cannot be read.",
                remedy: "Name the file that lethe audit --save wrote.", cause: error)
        }
    }

    static func write(_ bytes: [UInt8], to path: String) throws {
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
        } catch {
            throw LetheError(
                code: .io, message: "The checkpoint cannot be saved to \(path).",
                remedy: "Name a file in a folder that you may write.", cause: error)
        }
    }
}
