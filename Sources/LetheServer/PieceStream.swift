internal import Foundation
internal import LetheRecords
internal import Synchronization

/// Bytes on their way from a thread that reads and verifies to a task that sends.
///
/// At most a few pieces are on the way, so that a slow client costs no memory; when the task goes,
/// the thread ends at its next piece.
final class PieceStream: Sendable {
    /// Pieces that are read and not sent.
    static let pieceCount = 4

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
        for _ in 0..<Self.pieceCount { room.signal() }
        Thread.detachNewThread { [self] in
            do throws(LetheError) {
                try read { (piece) throws(LetheError) in try hand(over: piece) }
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

    private func hand(over piece: [UInt8]) throws(LetheError) {
        room.wait()
        guard !isCancelled.withLock({ $0 }) else {
            throw LetheError(code: .interrupted, message: "Nobody waits for these bytes.")
        }
        continuation.yield(piece)
    }
}
