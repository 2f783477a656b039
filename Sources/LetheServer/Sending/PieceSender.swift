internal import Foundation
internal import LetheRecords
internal import LetheRegistry
internal import NIOCore
internal import Synchronization

/// Sends an answer's bytes piece by piece from a thread that reads and, the first time, verifies.
///
/// One piece is on its way while the next is read. Before each the leave is asked for, and it is
/// held until the operating system has taken the piece; while a client is slow to take it the leave
/// is asked for again, and when there is none any more the connection is cut with what it has.
final class PieceSender: Sendable {
    /// How often a piece that does not go is thought over; so long may a revocation take longer.
    private static let patience = DispatchTimeInterval.milliseconds(250)

    private struct State {
        var isOnItsWay = false
        var isGone = false
    }

    private let channel: any Channel
    private let isEncrypted: Bool
    private let leave: SendingLeave
    private let report: AnswerReport
    private let room = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    /// - Parameter isEncrypted: Whether the bytes pass TLS, so that the operating system alone cannot
    ///   send them.
    init(
        _ channel: any Channel, isEncrypted: Bool, _ leave: SendingLeave, _ report: AnswerReport
    ) {
        self.channel = channel
        self.isEncrypted = isEncrypted
        self.leave = leave
        self.report = report
    }

    /// Sends what `read` hands over; returns when the operating system has all of it.
    ///
    /// - Throws: what `read` throws; `refused` if the version was revoked meanwhile; `interrupted`
    ///   if nobody wants any more.
    func send(
        _ read:
            @escaping @Sendable ((ServedPiece) throws(LetheError) -> Void) throws(LetheError) ->
            Void
    ) async throws {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                Thread.detachNewThread { [self] in
                    continuation.resume(with: Result { () throws(LetheError) in try run(read) })
                }
            }
        } onCancel: {
            cut()
        }
    }

    private func run(
        _ read: ((ServedPiece) throws(LetheError) -> Void) throws(LetheError) -> Void
    ) throws(LetheError) {
        defer { leave.end() }
        try read { (piece) throws(LetheError) in
            try waitUntilGone()
            try leave.begin()
            try start(piece)
        }
        try waitUntilGone()
    }

    private func start(_ piece: ServedPiece) throws(LetheError) {
        let data = try data(of: piece)
        state.withLock { $0.isOnItsWay = true }
        let promise = channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { [self] result in
            if case .fileRegion(let region) = data { try? region.fileHandle.close() }
            state.withLock { state in
                state.isOnItsWay = false
                if case .failure = result { state.isGone = true }
            }
            if case .success = result { report.sent(piece.count) }
            room.signal()
        }
        channel.triggerUserOutboundEvent(OutgoingPiece(data: data), promise: promise)
    }

    private func data(of piece: ServedPiece) throws(LetheError) -> IOData {
        guard case .run(let object, let range) = piece, !isEncrypted else {
            return .byteBuffer(ByteBuffer(bytes: try piece.read()))
        }
        let handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: try object.duplicate())
        return .fileRegion(
            FileRegion(
                fileHandle: handle, readerIndex: range.lowerBound, endIndex: range.upperBound))
    }

    /// Waits for the piece that is on its way, if there is one.
    private func waitUntilGone() throws(LetheError) {
        while state.withLock({ $0.isOnItsWay }) {
            guard room.wait(timeout: .now() + Self.patience) == .timedOut else { continue }
            do throws(LetheError) {
                try leave.renew()
            } catch {
                cut()
                // Until it is certain that nothing goes out any more.
                while state.withLock({ $0.isOnItsWay }) { room.wait() }
                throw error
            }
        }
        leave.end()
        guard !state.withLock({ $0.isGone }) else {
            throw LetheError(code: .interrupted, message: "Nobody waits for these bytes.")
        }
    }

    private func cut() { channel.triggerUserOutboundEvent(CutOff(), promise: nil) }
}
