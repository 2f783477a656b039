import Foundation
import LetheRecords
import Synchronization

/// Runs blocking work on a thread of its own, so that hours of kernels never occupy the threads
/// that Swift's tasks share, and so that the thread count of LibTorch, which belongs to the
/// calling thread, is that of this work alone.
enum OwnThread {
    /// Whether the task that waits for the work was cancelled.
    final class Cancellation: Sendable {
        private let isRequested = Atomic(false)

        func request() { isRequested.store(true, ordering: .relaxed) }

        /// - Throws: `interrupted` once the task was cancelled.
        func check() throws(LetheError) {
            guard isRequested.load(ordering: .relaxed) else { return }
            throw LetheError(
                code: .interrupted, message: "Judging was interrupted; nothing was changed.",
                remedy: "Run the same command again.")
        }
    }

    /// Waits for the work without blocking.
    ///
    /// - Parameter work: Asks the cancellation from time to time whether to stop.
    static func run<Value: Sendable>(
        name: String, _ work: @escaping @Sendable (Cancellation) throws(LetheError) -> Value
    ) async throws(LetheError) -> Value {
        let cancellation = Cancellation()
        let result: Result<Value, LetheError> = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let thread = Thread {
                    continuation.resume(returning: outcome(of: work, cancellation))
                }
                thread.name = name
                thread.start()
            }
        } onCancel: {
            cancellation.request()
        }
        return try result.get()
    }

    private static func outcome<Value>(
        of work: (Cancellation) throws(LetheError) -> Value, _ cancellation: Cancellation
    ) -> Result<Value, LetheError> {
        do throws(LetheError) {
            return .success(try work(cancellation))
        } catch {
            return .failure(error)
        }
    }
}
