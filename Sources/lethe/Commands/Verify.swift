internal import ArgumentParser
internal import Foundation
internal import LetheCertificates
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheReports
internal import LetheVerification

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Measure what a version still knows, or check a certificate.",
        discussion: """
            With --certificate, a certificate file is checked against trusted keys and, with \
            --files, against the files of a pulled folder; with --policy, every figure is computed \
            again from its counts. No registry is needed for that.
            Without it, a version is judged as lethe certify does, and nothing is written.
            """)

    @Argument(help: "model or model@revision; not with --certificate.")
    var revision: String?

    @Option(help: "A certificate file to check.", completion: .file())
    var certificate: String?

    @Option(help: "The pulled folder that the certificate is for.", completion: .directory)
    var files: String?

    @Option(
        help: "The proof that the certificate is logged. Default: model.tlog-proof of --files.",
        completion: .file())
    var proof: String?

    @Option(
        help: "The trusted keys (allowed_signers). Default: those of --registry.",
        completion: .file())
    var trusted: String?

    @OptionGroup var judgeOptions: JudgeOptions
    @OptionGroup var placeOptions: PlaceOptions
    @OptionGroup var registryOptions: RegistryOptions
    @OptionGroup var keyOptions: KeyOptions

    func validate() throws {
        if (revision == nil) == (certificate == nil) {
            throw ValidationError("Name a version, or a certificate with --certificate.")
        }
    }

    func run() async throws {
        if let certificate { return try check(URL(fileURLWithPath: certificate)) }
        let registry = try registryOptions.open()
        var order = try judgeOptions.order(
            revision ?? "", registry: registry, place: placeOptions.place)
        // Only requests that name samples need the key, and the judge asks for it where it is.
        order.commitmentKey = try? keyOptions.open(for: registry).commitmentKey
        let (version, report) = try await registry.verify(
            order, judge: VerificationJudge(), progress: registryOptions.progress())
        try registryOptions.output.write(
            record: report,
            text: "\(version.name) judged by the policy \(report.policy.name)\n\n"
                + ReportRendering.text(report))
        if !report.passed { throw ExitCode(ErrorCode.gateFailed.exitCode) }
    }

    private func check(_ certificate: URL) throws {
        let keys =
            trusted.map { URL(fileURLWithPath: $0) }
            ?? registryOptions.url.appending(path: "keys/allowed_signers")
        let checked = try CertificateFiles.check(
            certificate: certificate, folder: files.map { URL(fileURLWithPath: $0) },
            allowedSigners: keys, proof: proof.map { URL(fileURLWithPath: $0) })
        let verdict = checked.verdict
        if let policy = judgeOptions.policy {
            try VerdictCheck.require(verdict, policy: PolicyFile.read(policy))
        }
        try registryOptions.output.write(
            record: verdict,
            text: """
                The certificate is genuine: signed by \(checked.signer), \(verdict.issued).
                It says that \(verdict.model)@v\(verdict.version) passed the policy \
                \(verdict.report.policy.name), tier \(verdict.tier).
                \(verdict.exact == nil ? "It does not claim to be exact." : VersionRendering.exactness)
                \(judgeOptions.policy == nil ? "Its figures were not computed again (--policy FILE)."
                    : "Every figure and gate follows from its counts and the policy.")
                \(files == nil ? "No files were compared." : "Every file is the certified one.")
                Not tested: \(verdict.notTested.joined(separator: ", ")).

                \(ReportRendering.text(verdict.report))
                """)
    }
}

/// A policy in a file, for whoever has no registry.
enum PolicyFile {
    static func read(_ path: String) throws(LetheError) -> Policy {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw LetheError(
                code: .notFound, message: "The policy \(path) cannot be read.",
                remedy: "Name the file of the policy that the certificate names.")
        }
        return try Policy.read(handwritten: [UInt8](data))
    }
}
