internal import Foundation
internal import LetheRecords
internal import Synchronization

/// Hands values from one thread to another, in order, and never holds more than its capacity, so
/// that a fast thread waits for a slow one instead of filling the memory.
final class BoundedQueue<Element: Sendable>: Sendable {
    private struct State {
        var waiting: [Element] = []
        var isClosed = false
        var failure: LetheError?
    }

    private let capacity: Int
    private let state = Mutex(State())
    /// Guards nothing; it is where threads sleep and are woken.
    private let bell = NSCondition()

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds a value at the end; waits while the queue is full.
    ///
    /// - Returns: false if the queue is closed; the value is dropped then.
    func push(_ element: Element) -> Bool {
        bell.lock()
        defer { bell.unlock() }
        while true {
            let isDone: Bool? = state.withLock { state in
                if state.isClosed { return false }
                guard state.waiting.count < capacity else { return nil }
                state.waiting.append(element)
                return true
            }
            if let isDone {
                bell.broadcast()
                return isDone
            }
            bell.wait()
        }
    }

    /// Takes the first value; waits while there is none.
    ///
    /// - Returns: nil if the queue is closed and empty.
    /// - Throws: what the queue was closed with.
    func pop() throws(LetheError) -> Element? {
        bell.lock()
        defer { bell.unlock() }
        while true {
            let (element, isOver, failure) = state.withLock { Self.take(from: &$0) }
            if let failure { throw failure }
            if element != nil { bell.broadcast() }
            if element != nil || isOver { return element }
            bell.wait()
        }
    }

    /// Nothing more comes; what is in the queue can still be taken, unless there was a failure.
    func close(_ failure: LetheError? = nil) {
        bell.lock()
        defer { bell.unlock() }
        state.withLock { state in
            state.isClosed = true
            state.failure = state.failure ?? failure
        }
        bell.broadcast()
    }

    /// Takes and moves, so that an array that goes through is never copied.
    private static func take(
        from state: inout State
    ) -> (element: Element?, isOver: Bool, failure: LetheError?) {
        if let failure = state.failure { return (nil, true, failure) }
        guard !state.waiting.isEmpty else { return (nil, state.isClosed, nil) }
        return (state.waiting.removeFirst(), false, nil)
    }
}
