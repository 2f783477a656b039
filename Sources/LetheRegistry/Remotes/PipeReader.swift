public import Foundation
internal import Glibc
public import LetheRecords
internal import Synchronization

/// A pipe that a thread reads ahead, up to a limit, and whose bytes are given out by their place in
/// it.
///
/// They are kept until somebody asks for later ones, so an answer that was lost on its way can be
/// given again.
public final class PipeReader: Sendable {
    /// Some of the bytes.
    public struct Piece: Sendable {
        /// The bytes; none if there was nothing new in time.
        public let bytes: [UInt8]
        /// Whether nothing comes behind them.
        public let isLast: Bool
    }

    private struct State {
        var kept: [UInt8] = []
        var start = 0
        var isEnded = false
        var isAsked = false
        var isCancelled = false
        var isDiscarding = false

        var end: Int { start + kept.count }
    }

    private static let stepSizeBytes = 256 << 10

    private let handle: FileHandle
    private let limitBytes: Int
    private let state = Mutex(State())
    private let news = DispatchSemaphore(value: 0)
    private let room = DispatchSemaphore(value: 0)

    /// Begins to read.
    ///
    /// - Parameter limitBytes: So many bytes are kept before the thread waits, and a few more.
    public init(_ handle: FileHandle, limitBytes: Int = 4 << 20) {
        self.handle = handle
        self.limitBytes = limitBytes
        Thread.detachNewThread { [self] in read() }
    }

    /// The bytes from a place on; those before it are not kept any longer.
    ///
    /// - Parameters:
    ///   - limit: The most bytes that are given.
    ///   - seconds: So long it waits for the first one.
    /// - Throws: `conflict` if the place is none of those that can be asked for, or if somebody else
    ///   is waiting.
    public func piece(
        from offset: Int, atMost limit: Int, within seconds: Double
    ) throws(LetheError) -> Piece {
        try begin(offset)
        defer { state.withLock { $0.isAsked = false } }
        let deadline = DispatchTime.now() + seconds
        // There may be old news that are known.
        while state.withLock({ $0.kept.isEmpty && !$0.isEnded && !$0.isCancelled }),
            news.wait(timeout: deadline) == .success
        {}
        return state.withLock { state in
            Piece(
                bytes: Array(state.kept.prefix(limit)),
                isLast: state.isEnded && state.kept.count <= limit)
        }
    }

    /// Whether whoever wrote has ended, though there may be bytes that nobody took yet.
    public var isAbandoned: Bool {
        var place = pollfd(fd: handle.fileDescriptor, events: 0, revents: 0)
        return unsafe poll(&place, 1, 0) > 0 && place.revents & Int16(POLLHUP) != 0
    }

    /// Says that nobody wants any more.
    public func cancel() {
        state.withLock { $0.isCancelled = true }
        room.signal()
        news.signal()
    }

    /// Says that nobody wants any more, but that whoever writes shall get rid of it.
    public func discard() {
        state.withLock { state in
            state.isDiscarding = true
            state.kept = []
        }
        room.signal()
    }

    /// Waits until nothing more comes.
    public func waitForEnd() {
        while state.withLock({ !$0.isEnded }) { news.wait() }
    }

    private func begin(_ offset: Int) throws(LetheError) {
        let isTaken = state.withLock { state in
            guard !state.isAsked, (state.start...state.end).contains(offset) else { return false }
            state.isAsked = true
            state.kept.removeFirst(offset - state.start)
            state.start = offset
            return true
        }
        guard isTaken else {
            throw LetheError(
                code: .conflict, message: "Somebody else waits for these bytes, or they are gone.",
                remedy: "Ask for what comes next, one request at a time.")
        }
        room.signal()
    }

    private func read() {
        var step = [UInt8](repeating: 0, count: Self.stepSizeBytes)
        while waitForRoom() {
            let count = unsafe Glibc.read(handle.fileDescriptor, &step, step.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            state.withLock { if !$0.isDiscarding { $0.kept += step[..<count] } }
            news.signal()
        }
        state.withLock { $0.isEnded = true }
        news.signal()
    }

    /// - Returns: whether anybody still wants the bytes.
    private func waitForRoom() -> Bool {
        while true {
            let (isWanted, isFull) = state.withLock {
                (!$0.isCancelled, $0.kept.count >= limitBytes)
            }
            guard isWanted, isFull else { return isWanted }
            room.wait()
        }
    }
}
