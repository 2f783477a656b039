import Foundation
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Locks")
struct LockTests {
    /// A child has every open file of this process from its birth until it runs its program, and
    /// with it every lock, unless the lock was given back in so many words.
    @Test("A lock is free once it was given back, though children of this process are being born")
    func children() throws {
        let temporary = try TemporaryFolder()
        let path = temporary.url.appending(path: "lock").path
        let births = ChildBirths()
        defer { births.end() }
        for round in 0..<20_000 {
            let file = try FileDescriptor.lockFile(path)
            #expect(try file.lock(waiting: false), "round \(round)")
        }
    }
}

/// A thread that starts children, one after the other.
private final class ChildBirths: @unchecked Sendable {
    private let over = NSCondition()
    private var isWanted = true
    private var isOver = false

    init() {
        Thread.detachNewThread { [self] in
            while wanted() {
                let child = Process()
                child.executableURL = URL(fileURLWithPath: "/bin/true")
                try? child.run()
                child.waitUntilExit()
            }
            over.withLock {
                isOver = true
                over.broadcast()
            }
        }
    }

    func end() {
        over.withLock {
            isWanted = false
            while !isOver { over.wait() }
        }
    }

    private func wanted() -> Bool { over.withLock { isWanted } }
}
