internal import ArgumentParser
internal import Foundation
internal import LetheCommandLine
internal import LetheRecords
internal import LetheRegistry
internal import LetheServer

/// The one command, which `lethe serve` becomes.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lethe serve",
        abstract: "Let clients of the Hugging Face Hub, git and any others pull over HTTP.",
        discussion: """
            Clients find it by HF_ENDPOINT. Whoever pulls needs a token (lethe token add), unless \
            --public. Tokens of other scopes publish, forget and certify (lethe --remote). One JSON \
            object a request is written to standard error. SIGTERM and Ctrl-C let running answers \
            end.
            """,
        version: letheVersion)

    @Option(help: "The address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 for any that is free.")
    var port = 8080

    @Option(
        help: "How clients address the server, if a proxy is before it: https://models.example.")
    var url: String?

    @Option(
        help: ArgumentHelp(
            "A PEM file of the certificate to speak TLS with, and those that vouch for it.",
            discussion: "Default: plain HTTP."),
        completion: .file())
    var tlsCertificate: String?

    @Option(help: "The PEM file of its private key.", completion: .file())
    var tlsKey: String?

    @Flag(name: .customLong("public"), help: "Everybody may pull, without a token.")
    var isPublic = false

    @Flag(help: "Give versions that nobody certified to those who name them exactly.")
    var uncertified = false

    @Flag(help: "Show /metrics without a token.")
    var openMetrics = false

    @Option(
        help: ArgumentHelp(
            "The folder of private keys that jobs sign with, and that objects are decrypted with.",
            discussion: "Default: $LETHE_KEYS, else ~/.config/lethe/<registry id>."),
        completion: .directory)
    var keys: String?

    @Option(
        help: "The command that does what jobs ask for. Default: lethe beside this executable.",
        completion: .file())
    var command: String?

    @Option(help: "The longest upload, in MiB.")
    var uploadMebibytes = ServerLimits().uploadSizeBytes >> 20

    @Option(help: "How many connections are open at once.")
    var connections = ServerLimits().connections

    @Option(help: "After how many silent seconds a connection is closed.")
    var idleSeconds = ServerLimits().idleSeconds

    @Option(help: "How many seconds a request may take to arrive.")
    var arrivalSeconds = ServerLimits().arrivalSeconds

    @Option(help: "After how many seconds a client that takes nothing of an answer is left.")
    var stallSeconds = ServerLimits().stallSeconds

    @Option(help: "How many seconds running answers are given at the end.")
    var shutdownSeconds = ServerLimits().shutdownSeconds

    @OptionGroup var registryOptions: RegistryOptions

    func validate() throws {
        guard (0...65535).contains(port) else { throw ValidationError("--port is 0 to 65535.") }
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key belong together.")
        }
        let counts = [
            uploadMebibytes, connections, idleSeconds, arrivalSeconds, stallSeconds,
            shutdownSeconds,
        ]
        guard counts.allSatisfy({ (1...1_000_000).contains($0) }) else {
            throw ValidationError("Counts and seconds are at least 1.")
        }
    }

    func run() async throws {
        let registry = try registryOptions.open()
        if try !isPublic && registry.tokens().tokens.isEmpty {
            throw LetheError(
                code: .invalidArgument, message: "Nobody has a token, so nobody could pull.",
                remedy: "Make one with lethe token add <name>, or serve with --public.")
        }
        if let keys { try registry.useKeys(in: URL(fileURLWithPath: keys)) }
        let output = registryOptions.output
        let (host, folder, scheme) = (host, registryOptions.url.path, settings.scheme)
        try await RegistryServer(registry, settings).run { port in
            let url = "\(scheme)://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            output.write(
                .object(["url": .string(url), "port": .number(Double(port))]),
                text: "Serving \(folder) on \(url)")
            fflush(nil)
        }
    }

    private var settings: ServerSettings {
        var settings = ServerSettings()
        settings.host = host
        settings.port = port
        settings.url = url.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        if let tlsCertificate, let tlsKey {
            settings.tls = .init(
                certificate: URL(fileURLWithPath: tlsCertificate),
                privateKey: URL(fileURLWithPath: tlsKey))
        }
        settings.isPublic = isPublic
        settings.givesUncertified = uncertified
        settings.hasOpenMetrics = openMetrics
        settings.keys = keys.map { URL(fileURLWithPath: $0) }
        settings.command = command.map { URL(fileURLWithPath: $0) }
        settings.limits.uploadSizeBytes = uploadMebibytes << 20
        settings.limits.connections = connections
        settings.limits.idleSeconds = idleSeconds
        settings.limits.arrivalSeconds = arrivalSeconds
        settings.limits.stallSeconds = stallSeconds
        settings.limits.shutdownSeconds = shutdownSeconds
        return settings
    }
}
