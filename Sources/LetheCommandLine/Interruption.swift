internal import Dispatch
internal import Foundation

/// Ctrl-C and SIGTERM cancel the running work, which keeps what is finished.
public enum Interruption {
    /// Does the work until it is done, or has ended after a signal.
    ///
    /// - Throws: What the work throws; `CancellationError` and the like after a signal.
    public static func watching(
        _ body: @escaping @Sendable () async throws -> Void
    ) async throws {
        let work = Task { try await body() }
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { work.cancel() }
            source.resume()
            return source
        }
        defer { for source in sources { source.cancel() } }
        try await work.value
    }
}
