import Dispatch
import Foundation
import LetheRecords
import Synchronization

/// A batch as plain numbers, which may cross threads; tensors may not.
struct PreparedBatch: Sendable {
    /// Image after image, channel by channel, row by row.
    let values: [Float]
    /// [batch, channels, height, width].
    let shape: [Int]
    let labels: [Int]
    let samples: [Sample]
}

/// Hands batches from the thread that prepares them to the one that computes, a few at a time.
final class BatchQueue: Sendable {
    enum Element: Sendable {
        case batch(PreparedBatch)
        case failure(LetheError)
        case end
    }

    private struct State {
        var waiting: [Element] = []
        var isCancelled = false
    }

    private let state = Mutex(State())
    // Starts at 0 and is raised, because libdispatch forbids destroying a semaphore whose value is
    // below the one it was made with.
    private let places = DispatchSemaphore(value: 0)
    private let elements = DispatchSemaphore(value: 0)

    init(capacity: Int) {
        for _ in 0..<capacity { places.signal() }
    }

    /// Waits for a free place.
    ///
    /// - Returns: false once nobody will take the element any more.
    func put(_ element: Element) -> Bool {
        places.wait()
        let isWanted = state.withLock { state in
            if !state.isCancelled { state.waiting.append(element) }
            return !state.isCancelled
        }
        if isWanted { elements.signal() }
        return isWanted
    }

    /// Waits for the next element.
    func take() -> Element {
        elements.wait()
        let element = state.withLock { $0.waiting.removeFirst() }
        places.signal()
        return element
    }

    /// Frees the preparing thread; called when the consumer goes.
    func cancel() {
        state.withLock { $0.isCancelled = true }
        places.signal()
    }
}
