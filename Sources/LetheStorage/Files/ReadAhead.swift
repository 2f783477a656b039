public import Foundation
public import LetheRecords

/// Looks at things on a thread of its own, in order and some steps ahead of a caller who takes what
/// was found in the same order.
public final class ReadAhead<Found: Sendable> {
    private let found: BoundedQueue<(url: URL, result: Result<Found, LetheError>)>
    private let thread = DispatchGroup()
    private let look: @Sendable (URL) throws(LetheError) -> Found

    /// Starts to look.
    ///
    /// - Parameter count: How many may wait for the caller.
    public init(
        at urls: [URL], ahead count: Int,
        look: @escaping @Sendable (URL) throws(LetheError) -> Found
    ) {
        self.look = look
        found = BoundedQueue(capacity: count)
        thread.enter()
        Thread.detachNewThread { [found, thread] in
            for url in urls {
                let result = Result { () throws(LetheError) in try look(url) }
                guard found.push((url, result)) else { break }
            }
            found.close()
            thread.leave()
        }
    }

    deinit {
        found.close()
        thread.wait()
    }

    /// What was found at the next URL; what was found before it and not asked for is dropped.
    ///
    /// - Throws: what looking threw.
    public func take(_ url: URL) throws(LetheError) -> Found {
        while let next = try found.pop() {
            if next.url == url { return try next.result.get() }
        }
        return try look(url)
    }
}
