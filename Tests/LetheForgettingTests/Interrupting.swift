import Foundation
import LetheRecords
import Testing

@testable import LetheForgetting

/// Runs, cancels once so many steps are done, and hands out the error.
func interrupt(
    after steps: Int,
    _ body:
        @escaping @Sendable (@escaping ProgressHandler) async throws(LetheError)
        -> RunOutcome
) async throws -> LetheError {
    let (reached, signal) = AsyncStream.makeStream(of: Void.self)
    let cancelled = DispatchSemaphore(value: 0)
    let run = Task {
        try await body { progress in
            guard ["forgetting", "training"].contains(progress.phase) else { return }
            guard progress.done >= steps else { return }
            signal.yield()
            // The engine's own thread waits, so the next step sees the cancellation however
            // busy the machine is.
            if cancelled.wait(timeout: .now() + 300) == .success { cancelled.signal() }
        }
    }
    for await _ in reached { break }
    run.cancel()
    cancelled.signal()
    do {
        _ = try await run.value
        throw LetheError(code: .conflict, message: "the run was not interrupted")
    } catch let error as LetheError {
        return error
    }
}
