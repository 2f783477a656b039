internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry

struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write a version in a form that other programs read.",
        discussion: "Without an @ it is the newest certified version. oci is a folder that skopeo "
            + "and oras copy to a container registry; cyclonedx is a bill of materials.")

    @Argument(help: "model or model@revision.")
    var revision: String

    @Argument(help: "The folder or file to write; new.", completion: .file())
    var target: String

    @Option(name: .customLong("as"), help: "oci or cyclonedx.", transform: Self.format)
    var format: ExportFormat

    @Flag(help: "Take a version that nobody certified.")
    var uncertified = false

    @OptionGroup var registryOptions: RegistryOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let url = URL(fileURLWithPath: target)
        let version = try registry.export(
            Revision(revision), to: url, as: format, allowingUncertified: uncertified,
            progress: registryOptions.progress())
        registryOptions.output.write(
            .object([
                "version": .string(version.name), "target": .string(url.path),
                "format": .string(format.rawValue),
            ]),
            text: "Exported \(version.name) to \(url.path) as \(format.rawValue)")
    }

    private static func format(_ name: String) throws -> ExportFormat {
        if let format = ExportFormat(rawValue: name) { return format }
        let known = ExportFormat.allCases.map(\.rawValue).joined(separator: ", ")
        throw ValidationError("There is no form \"\(name)\"; there are: \(known).")
    }
}
