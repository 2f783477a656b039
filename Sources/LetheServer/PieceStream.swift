internal import Foundation
internal import LetheRecords
internal import Synchronization

/// Bytes on their way from a thread that reads to a task that sends.
///
/// One piece is on the way while the next is read, so that a slow client costs no memory; when the
/// task goes, the thread ends at its next piece.
final class PieceStream: Sendable {
    /// The pieces, in order; ends with the error that ended the reading.
    let pieces: AsyncThrowingStream<[UInt8], any Error>
    private let continuation: AsyncThrowingStream<[UInt8], any Error>.Continuation
    private let room = DispatchSemaphore(value: 0)
    private let isCancelled = Mutex(false)

    /// Starts to read on a thread of its own.
    init(
        _ read:
            @escaping @Sendable (([UInt8]) throws(LetheError) -> Void) throws(LetheError) -> Void
    ) {
        (pieces, continuation) = AsyncThrowingStream.makeStream()
        // Not its first value: a semaphore that goes with less than that stops the process.
        room.signal()
        Thread.detachNewThread { [self] in
            do throws(LetheError) {
                try read { (piece) throws(LetheError) in
                    try waitForRoom()
                    continuation.yield(piece)
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
    }

    /// Says that a piece was sent.
    func sent() { room.signal() }

    /// Says that nobody wants any more.
    func cancel() {
        isCancelled.withLock { $0 = true }
        room.signal()
    }

    private func waitForRoom() throws(LetheError) {
        room.wait()
        guard !isCancelled.withLock({ $0 }) else {
            throw LetheError(code: .interrupted, message: "Nobody waits for these bytes.")
        }
    }
}
