internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheForgetting
internal import LetheRecords
internal import LetheRegistry
internal import LetheVerification

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Repeat what made a version, and compare the digests.",
        discussion: """
            Forgetting is done again on the parent, with the recipe, seed, samples, device and number \
            of threads that the manifest names; training likewise, from the folder that --from names; \
            a roll-back from the list of what was deleted; a judgement by the same policy on the \
            same images, which like verify is not counted. Nothing is written to the lineage. The exit \
            code is 4 if something else came out in the same place, and 1 if the place was another one.
            """)

    @Argument(help: "model@revision of a version that was made here.")
    var revision: String

    @Option(help: "The folder that training began with.", completion: .directory)
    var from: String?

    @Option(
        name: .customLong("exclude-class"), parsing: .upToNextOption,
        help: "Classes that training left out.")
    var excludedClasses: [Int] = []

    @Option(help: "The policy of a judgement, if it was none of the registry's: its file.")
    var policy: String?

    @Option(help: "The reference model of a judgement: a folder, or model@version.")
    var reference: String?

    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let report = try await registry.replay(
            order(), engine: ForgettingEngine(), judge: VerificationJudge(),
            keys: keyOptions.open(for: registry), progress: registryOptions.progress())
        registryOptions.output.write(
            .object([
                "version": .string(report.version.name), "same": .bool(report.isSame),
                "compared": .string(report.compared.rawValue),
                "recorded": .string(report.recorded.description),
                "repeated": .string(report.repeated.description),
                "differences": .array(report.differences.map(JSONValue.string)),
            ]),
            text: Self.text(report))
        if report.isSame { return }
        throw ExitCode(report.differences.isEmpty ? ErrorCode.integrity.exitCode : 1)
    }

    private func order() throws -> ReplayOrder {
        ReplayOrder(
            try Revision(revision), folder: from.map { URL(fileURLWithPath: $0) },
            excludedClasses: excludedClasses, policy: policy,
            reference: try reference.map(ReferenceModel.init(named:)))
    }

    private static func text(_ report: ReplayReport) -> String {
        var lines = [
            report.isSame
                ? "\(report.version.name) was repeated: the same \(report.compared) came out."
                : "\(report.version.name) was repeated: another \(report.compared) came out.",
            "recorded \(report.recorded)", "repeated \(report.repeated)",
        ]
        for difference in report.differences { lines.append("another place: \(difference)") }
        if !report.isSame, !report.differences.isEmpty {
            lines.append("In another place this proves nothing.")
        }
        return lines.joined(separator: "\n")
    }
}
