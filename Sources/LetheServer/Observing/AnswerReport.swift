internal import LetheRecords
internal import Logging
internal import Synchronization

/// What becomes of one answer; tells metrics and log when it is over, once.
///
/// The log gets the method, the address without its query, the token's name and the figures; no
/// header, no token.
final class AnswerReport: Sendable {
    private struct State {
        var route = "none"
        var token: String?
        var status = 0
        var bodyBytes = 0
        var isStreaming = false
        var isOver = false
        var broken: String?
        var cause: String?
    }

    private let state = Mutex(State())
    private let start = ContinuousClock.now
    private let method: String
    private let address: String
    private let metrics: ServerMetrics
    private let logger: Logger

    init(method: String, target: String, metrics: ServerMetrics, logger: Logger) {
        self.method = Self.name(of: method)
        address = Self.address(in: target)
        self.metrics = metrics
        self.logger = logger
        metrics.begin()
    }

    /// A method as log and metrics name it.
    static func name(of method: String) -> String {
        ["GET", "HEAD", "POST", "PUT", "DELETE"].contains(method) ? method : "other"
    }

    /// What the log says of an address: no query, which may hold anything, and not all of a long one.
    static func address(in target: String) -> String {
        String((target.split(separator: "?").first ?? "").prefix(200))
    }

    deinit {
        // A body that nobody began to send, because the client had gone.
        end(broken: "client")
    }

    func named(route: String) { state.withLock { $0.route = route } }

    func admitted(_ token: AccessToken?) { state.withLock { $0.token = token?.name } }

    func answered(status: Int, cause: String? = nil) {
        state.withLock {
            $0.status = status
            $0.cause = cause
        }
    }

    /// Whether the body is sent piece by piece and tells itself when it is over.
    var isStreamed: Bool { state.withLock { $0.isStreaming } }

    func isStreaming() { state.withLock { $0.isStreaming = true } }

    func sent(_ count: Int) { state.withLock { $0.bodyBytes += count } }

    /// The reading of the bytes ended too early.
    func broke(_ error: LetheError) {
        guard error.code != .interrupted else { return }
        state.withLock {
            $0.broken = error.code == .refused ? "revoked" : "registry"
            $0.cause = "\(error.code): \(error)"
        }
    }

    func finished() { end(broken: nil) }

    private func end(broken: String?) {
        let last: State? = state.withLock { state in
            if state.isOver { return nil }
            state.isOver = true
            state.broken = state.broken ?? broken
            return state
        }
        guard let last else { return }
        let time = start.duration(to: .now).components
        let seconds = Double(time.seconds) + Double(time.attoseconds) * 1e-18
        metrics.end(
            route: last.route, method: method, status: last.status, seconds: seconds,
            bodyBytes: last.bodyBytes, broken: last.broken)
        write(last, seconds: seconds)
    }

    private func write(_ last: State, seconds: Double) {
        var fields: Logger.Metadata = [
            "method": "\(method)", "address": "\(address)", "route": "\(last.route)",
            "status": .stringConvertible(last.status),
            "bytes": .stringConvertible(last.bodyBytes),
            "seconds": .stringConvertible((seconds * 1e6).rounded() / 1e6),
        ]
        if let token = last.token { fields["token"] = "\(token)" }
        if let broken = last.broken { fields["broken"] = "\(broken)" }
        if let cause = last.cause { fields["cause"] = "\(cause)" }
        let isTrouble = last.status >= 500 || last.broken == "registry"
        logger.log(level: isTrouble ? .error : .info, "answered", metadata: fields)
    }
}
