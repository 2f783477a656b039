internal import Foundation
internal import LetheRecords
internal import Synchronization

/// Writes the stretches of a stored file to another file, on all cores, two on each at a time, and
/// hashes on the way what it writes.
final class StretchCopy: Sendable {
    /// So often the calling thread hears how much was written.
    private static let reportedEachBytes = 4 << 20

    private let store: ObjectStore
    private let target: OpenFile
    /// One or two stretches each.
    private let waiting: BoundedQueue<ArraySlice<Stretch>>
    private let written: BoundedQueue<Int>
    private let confirmedCount = Mutex(0)
    private let threads = DispatchGroup()

    private init(_ stretches: [Stretch], of store: ObjectStore, to target: OpenFile) {
        self.store = store
        self.target = target
        waiting = BoundedQueue(capacity: stretches.count)
        written = BoundedQueue(capacity: 64)
        for start in stride(from: 0, to: stretches.count, by: 2) {
            _ = waiting.push(stretches[start..<min(start + 2, stretches.count)])
        }
        waiting.close()
    }

    /// Copies.
    ///
    /// - Returns: whether every stretch was confirmed; if not, what was written is worth nothing.
    /// - Throws: `notFound`, `integrity`, `io`, `diskFull`.
    static func run(
        _ stretches: [Stretch], of store: ObjectStore, to target: OpenFile,
        onBytes: (Int) -> Void
    ) throws(LetheError) -> Bool {
        let copy = StretchCopy(stretches, of: store, to: target)
        for _ in 0..<ProcessInfo.processInfo.activeProcessorCount { copy.start() }
        copy.threads.notify(queue: .global()) { copy.written.close() }
        var failure: LetheError?
        do throws(LetheError) {
            while let count = try copy.written.pop() { onBytes(count) }
        } catch {
            failure = error
        }
        copy.threads.wait()
        if let failure { throw failure }
        return copy.confirmedCount.withLock { $0 } == stretches.count
    }

    private func start() {
        threads.enter()
        Thread.detachNewThread { [self] in
            do throws(LetheError) {
                while let stretches = try waiting.pop(), try copy(stretches) {}
            } catch {
                written.close(error)
            }
            threads.leave()
        }
    }

    /// - Returns: false if nobody wants to hear more.
    private func copy(_ stretches: ArraySlice<Stretch>) throws(LetheError) -> Bool {
        guard let first = stretches.first, let last = stretches.last else { return true }
        var one = StretchReader(first, of: store)
        var other = StretchReader(last, of: store)
        let isPair = stretches.count > 1
        var unreportedBytes = 0
        while true {
            let place = try one.next()
            let otherPlace = isPair ? try other.next() : nil
            if place == nil, otherPlace == nil { break }
            if let place { try target.file.write(one.bytes, at: place.offset) }
            if let otherPlace { try target.file.write(other.bytes, at: otherPlace.offset) }
            StretchReader.hashWholes(&one, &other)
            unreportedBytes += one.bytes.count + other.bytes.count
            if unreportedBytes < Self.reportedEachBytes { continue }
            guard written.push(unreportedBytes) else { return false }
            unreportedBytes = 0
        }
        guard written.push(unreportedBytes) else { return false }
        let count = (one.isConfirmed ? 1 : 0) + (isPair && other.isConfirmed ? 1 : 0)
        confirmedCount.withLock { $0 += count }
        return true
    }
}
