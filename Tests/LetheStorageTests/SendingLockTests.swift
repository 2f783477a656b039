import Foundation
import LetheRecords
import Testing

@testable import LetheStorage

@Suite("Waiting for what is being sent")
struct SendingLockTests {
    let fixture: StorageFixture
    let sender: SendingLock
    let other: SendingLock

    init() throws {
        fixture = try StorageFixture()
        // Two open files are to each other what two processes are.
        sender = try SendingLock(fixture.open().layout)
        other = try SendingLock(fixture.open().layout)
    }

    private func offset(_ line: String, _ moment: String) -> Int {
        SendingLock.offset(line: line, moment: moment)
    }

    @Test("Who looked before is waited for, until the last of them has let go")
    func before() throws {
        let (old, new) = (offset("faces", "1"), offset("faces", "2"))
        #expect(try sender.hold(old) && sender.hold(old))
        #expect(try !other.waitForOthers(than: new, limitSeconds: 0))
        sender.letGo(old)
        #expect(try !other.waitForOthers(than: new, limitSeconds: 0))
        sender.letGo(old)
        #expect(try other.waitForOthers(than: new, limitSeconds: 0))
    }

    @Test("Who looked afterwards, and who sends of another line, keeps nobody waiting")
    func after() throws {
        let new = offset("faces", "2")
        #expect(try sender.hold(new) && sender.hold(offset("numbers", "1")))
        #expect(try other.waitForOthers(than: new, limitSeconds: 0))
    }

    @Test("Whoever dies or closes the file has let go")
    func died() throws {
        let (old, new) = (offset("faces", "1"), offset("faces", "2"))
        do {
            let short = try SendingLock(fixture.open().layout)
            #expect(try short.hold(old))
            #expect(try !other.waitForOthers(than: new, limitSeconds: 0))
        }
        #expect(try other.waitForOthers(than: new, limitSeconds: 0))
    }
}
