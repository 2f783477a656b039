internal import Hummingbird
internal import HummingbirdCore
internal import HummingbirdTLS
public import LetheRecords
public import LetheRegistry
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import ServiceLifecycle

/// Serves a registry over HTTP.
public struct RegistryServer: Sendable {
    private let registry: Registry
    private let settings: ServerSettings

    /// Takes an open registry.
    public init(_ registry: Registry, _ settings: ServerSettings) {
        self.registry = registry
        self.settings = settings
    }

    /// Serves until the task is cancelled; then takes no new connection, and gives the running
    /// answers some seconds to end.
    ///
    /// - Parameter onListening: Told the port once clients are heard.
    /// - Throws: `io` if the address cannot be used; what `Encryption` throws for files of TLS.
    public func run(onListening: @escaping @Sendable (Int) -> Void) async throws(LetheError) {
        var logger = Logger(label: "lethe.serve") { JSONLogHandler(label: $0) }
        logger.logLevel = .info
        let tls: TLSConfiguration? =
            if let files = settings.tls { try Encryption.read(files) } else { nil }
        let group: ServiceGroup
        do {
            group = try serviceGroup(logger, tls, onListening)
        } catch {
            throw LetheError(code: .io, message: "TLS cannot be set up.", cause: error)
        }
        // What is cancelled stops at once; so the service runs in a task that nobody cancels.
        let serving = Task { try await group.run() }
        do {
            try await withTaskCancellationHandler {
                try await serving.value
            } onCancel: {
                Task { await group.triggerGracefulShutdown() }
            }
        } catch {
            // Answers that did not end in time were cut off: that is what was asked for.
            if Task.isCancelled { return logger.info("stopped, with answers cut off") }
            throw LetheError(
                code: .io,
                message: "Nobody can be served on \(settings.host), port \(settings.port).",
                remedy: "Name an address of this machine and a port that is free.", cause: error)
        }
        logger.info("stopped")
    }

    private func serviceGroup(
        _ logger: Logger, _ tls: TLSConfiguration?,
        _ onListening: @escaping @Sendable (Int) -> Void
    ) throws -> ServiceGroup {
        let limits = settings.limits
        let metrics = ServerMetrics()
        var channel = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                BodyPieces(), ConnectionLimits(limits, metrics: metrics, logger: logger),
            ],
            idleTimeout: .seconds(Int64(limits.idleSeconds)))
        channel.httpDecoder.maxHeaderFieldSize = limits.headerSizeBytes
        channel.httpDecoder.maxHeaderListSize = limits.headerSizeBytes
        channel.httpDecoder.maxHeaderFieldCount = 100
        let plain = HTTPServerBuilder.http1(configuration: channel)
        let runner = JobRunner(registry, settings, logger: logger)
        let application = Application(
            responder: Responder(
                registry: registry, settings: settings, metrics: metrics,
                executor: WorkExecutor(), runner: runner),
            server: try tls.map { try HTTPServerBuilder.tls(plain, tlsConfiguration: $0) } ?? plain,
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port), serverName: "lethe",
                availableConnectionsDelegate: .maximum(limits.connections, logger: logger)),
            onServerRunning: { onListening($0.localAddress?.port ?? 0) }, logger: logger)
        var configuration = ServiceGroupConfiguration(
            services: [runner, application], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(limits.shutdownSeconds)
        configuration.maximumCancellationDuration = .seconds(5)
        return ServiceGroup(configuration: configuration)
    }
}
