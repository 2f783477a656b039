import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import Synchronization
import TestSupport
import Testing

@Suite("A revocation that comes from another registry")
struct ArrivingRevocationTests {
    @Test(
        "It is acknowledged only when the piece on its way has gone",
        arguments: ["faces@v1", "certified"])
    func waits(_ what: String) async throws {
        let fixture = try await TransferFixture()
        let origin = try fixture.source.open()
        if what == "certified" {
            try await fixture.source.forget([1], in: origin)
            try await fixture.source.certify(in: origin)
        } else {
            _ = try origin.revoke(
                Revision(what), reason: "A mistake.", keys: fixture.source.keys(),
                now: TinyRegistry.now)
        }
        let server = try fixture.target.open()
        let leave = try server.leave(
            toSend: server.resolve(Revision("faces@v1")),
            since: server.moment(of: TinyRegistry.model), allowingUncertified: true)
        try leave.begin()
        let outcome = Mutex<Result<TransferReport, LetheError>?>(nil)
        let isEarly = Mutex(false)
        // Threads of their own, as other processes are: neither waits for other tests.
        let ends = DispatchGroup()
        ends.enter()
        Thread.detachNewThread {
            let result = Result { () throws(LetheError) in try fixture.push() }
            outcome.withLock { $0 = result }
            ends.leave()
        }
        ends.enter()
        Thread.detachNewThread {
            while (try? leave.renew()) != nil { usleep(1000) }
            isEarly.withLock { $0 = outcome.withLock { $0 != nil } }
            leave.end()
            ends.leave()
        }
        await withCheckedContinuation { done in ends.notify(queue: .global()) { done.resume() } }
        #expect(!isEarly.withLock { $0 }, "the push says nothing while a piece is on its way")
        let report = try #require(outcome.withLock { $0 }).get()
        #expect(report.failure == nil && report.lines.contains { $0.versionCount > 0 })
        #expect(throws: LetheError.self) { try leave.begin() }
    }
}
