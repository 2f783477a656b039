import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import Synchronization
import TestSupport
import Testing

/// Whether something has happened.
private final class Flag: Sendable {
    private let value = Mutex(false)
    var isSet: Bool { value.withLock { $0 } }
    func set() { value.withLock { $0 = true } }
}

@Suite("Sending, and revoking meanwhile")
struct SendingTests {
    let tiny: TinyRegistry
    let registry: Registry
    let version: Version

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        version = try registry.resolve(Revision("faces@v1"))
    }

    private func leave() throws -> SendingLeave {
        try registry.leave(
            toSend: version, since: registry.moment(of: TinyRegistry.model),
            allowingUncertified: true)
    }

    /// Revokes on a thread of its own; gives whether that is acknowledged.
    fileprivate func revoke(_ revision: String) -> Flag {
        let box = Flag()
        Thread.detachNewThread { [tiny] in
            // As another process does.
            _ = try? tiny.open().revoke(
                Revision(revision), reason: "A mistake.", keys: tiny.keys(),
                now: TinyRegistry.now)
            box.set()
        }
        return box
    }

    @Test("A revocation is acknowledged only when the piece on its way has gone")
    func acknowledged() throws {
        let leave = try leave()
        try leave.begin()
        let isDone = revoke("faces@v1")
        var error: LetheError?
        while error == nil {
            do throws(LetheError) { try leave.renew() } catch let found { error = found }
        }
        #expect(!isDone.isSet)
        leave.end()
        while !isDone.isSet { usleep(1000) }
        #expect(throws: LetheError.self) { try leave.begin() }
    }

    @Test("A piece of a version that stays keeps no revocation of another waiting for long")
    func another() async throws {
        try await tiny.publish(tiny.otherModelFolder, in: registry)
        let leave = try leave()
        try leave.begin()
        let isDone = revoke("faces@v2")
        while !isDone.isSet { try leave.renew() }
        leave.end()
    }
}
