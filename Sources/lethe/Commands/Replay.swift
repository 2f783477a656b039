internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Repeat the run that made a version, and compare the digests.",
        discussion: """
            The run is done again on the parent, with the recipe, seed, samples, device and number of \
            threads that the manifest names; nothing is written to the lineage. The exit code is 4 if \
            other bytes came out in the same place, and 1 if the place was another one.
            """)

    @Argument(help: "model@revision of a version that lethe forget made.")
    var revision: String

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let report = try await registry.replay(
            Revision(revision), engine: ForgettingEngine(), keys: keyOptions.open(for: registry),
            progress: registryOptions.progress())
        registryOptions.output.write(
            .object([
                "version": .string(report.version.name), "same": .bool(report.isSame),
                "compared": .string(report.compared),
                "recorded": .string(report.recorded.description),
                "repeated": .string(report.repeated.description),
                "differences": .array(report.differences.map(JSONValue.string)),
            ]),
            text: Self.text(report))
        if report.isSame { return }
        throw ExitCode(report.differences.isEmpty ? ErrorCode.integrity.exitCode : 1)
    }

    private static func text(_ report: ReplayReport) -> String {
        var lines = [
            report.isSame
                ? "\(report.version.name) is what its run makes: the same \(report.compared)."
                : "The run of \(report.version.name) made another \(report.compared).",
            "recorded \(report.recorded)", "repeated \(report.repeated)",
        ]
        for difference in report.differences { lines.append("another place: \(difference)") }
        if !report.isSame, !report.differences.isEmpty {
            lines.append("In another place this proves nothing.")
        }
        return lines.joined(separator: "\n")
    }
}
