internal import Foundation
internal import Glibc
internal import HTTPTypes
internal import LetheRecords
internal import Logging
internal import Synchronization

/// The exchanges that are under way, in memory only: a server that is started again has none, and
/// the clients begin anew with what has arrived.
final class ExchangeBook: Sendable {
    /// How many run at once, and how many of them for one token; each is a process.
    static let limit = 8
    static let tokenLimit = 4
    /// The longest piece of output in one answer.
    static let pieceSizeBytes = 4 << 20

    private struct State {
        var sessions: [String: ExchangeSession] = [:]
        var isStopping = false
    }

    private let command: LetheCommand
    private let logger: Logger
    private let state = Mutex(State())
    /// How long a request waits for bytes or for room; not so long that anybody hangs up.
    let waitSeconds: Double
    /// After how long without a request an exchange is ended.
    let silenceSeconds: Double

    init(_ command: LetheCommand, _ limits: ServerLimits, logger: Logger) {
        self.command = command
        self.logger = logger
        waitSeconds = min(10, Double(limits.idleSeconds) / 2)
        silenceSeconds = 2 * Double(limits.idleSeconds)
        // A command that does not listen any more is no reason to end.
        signal(SIGPIPE, SIG_IGN)
    }

    /// Starts an exchange.
    ///
    /// - Throws: `Failure` where there are too many, or the server is about to end.
    func begin(_ direction: ExchangeSession.Direction, token: String) throws -> ExchangeSession {
        try state.withLock { state in
            let own = state.sessions.values.count { $0.token == token }
            guard !state.isStopping, state.sessions.count < Self.limit, own < Self.tokenLimit else {
                throw Failure.own(
                    .tooManyRequests, .conflict, "Too many exchanges are under way.",
                    "Run the same command again in a moment.", headers: [.retryAfter: "5"])
            }
            let session = try ExchangeSession(direction, token: token, command)
            state.sessions[session.id] = session
            log("exchange begun", session)
            watch(session, after: silenceSeconds)
            return session
        }
    }

    /// An exchange that this token began.
    func find(_ id: String, token: String) -> ExchangeSession? {
        guard let session = state.withLock({ $0.sessions[id] }), session.token == token else {
            return nil
        }
        session.touch()
        return session
    }

    /// Ends an exchange.
    func end(_ session: ExchangeSession) {
        guard state.withLock({ $0.sessions.removeValue(forKey: session.id) }) != nil else { return }
        let exitCode = session.exitCode
        session.end()
        log("exchange ended", session, exitCode.map { "\($0)" } ?? "running")
    }

    /// Ends all of them, and begins none any more.
    func stop() {
        let sessions = state.withLock { state in
            state.isStopping = true
            return Array(state.sessions.values)
        }
        sessions.forEach(end)
    }

    /// Looks again and again whether anybody still asks.
    private func watch(_ session: ExchangeSession, after seconds: Double) {
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in
            guard let self, state.withLock({ $0.sessions[session.id] != nil }) else { return }
            let rest = silenceSeconds - session.silence / .seconds(1)
            if rest <= 0 { end(session) } else { watch(session, after: rest) }
        }
    }

    private func log(_ what: String, _ session: ExchangeSession, _ command: String = "started") {
        logger.info(
            "\(what)",
            metadata: [
                "command": "\(command)", "direction": "\(session.direction.rawValue)",
                "token": "\(session.token)",
            ])
    }
}
