internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheVerification

struct Certify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "certify",
        abstract: "Judge the newest version of a model and sign a certificate if every gate holds.")

    @Argument(help: "The model's name.")
    var model: String

    @OptionGroup var judgeOptions: JudgeOptions
    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func run() async throws {
        let registry = try registryOptions.open()
        let order = try judgeOptions.order(model, registry: registry, place: placeOptions.place)
        let outcome = try await registry.certify(
            order, judge: VerificationJudge(), keys: keyOptions.open(for: registry),
            now: Timestamp(Date()), progress: registryOptions.progress())
        let json: JSONValue = .object([
            "judged": .string(outcome.judged.name), "report": try outcome.report.json(),
            "certified": try outcome.certified.map { try VersionRendering.json($0) } ?? .null,
        ])
        let verdict =
            outcome.certified.map { VersionRendering.line($0) }
            ?? "\(outcome.judged.name) is NOT certified: a gate did not hold."
        registryOptions.output.write(
            json, text: "\(ReportRendering.text(outcome.report))\n\n\(verdict)")
        if outcome.certified == nil { throw ExitCode(ErrorCode.gateFailed.exitCode) }
    }
}
