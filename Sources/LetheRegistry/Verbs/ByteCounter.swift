internal import Synchronization

/// A sum that several threads add to.
final class ByteCounter: Sendable {
    private let total = Mutex(0)

    /// Adds, and gives the sum.
    func add(_ count: Int) -> Int {
        total.withLock { sum in
            sum += count
            return sum
        }
    }
}
