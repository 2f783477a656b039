import Foundation
import LetheRecords
import TestSupport
import Testing

@testable import LetheStorage

@Suite("Leases")
struct LeaseTests {
    let digests = (0..<3).map { Digest(hashing: [UInt8($0)]) }

    @Test("What a living owner holds is held for everybody; what it gives back is free")
    func holding() throws {
        let fixture = try StorageFixture()
        let mine = try fixture.open().objects.leases
        let theirs = try fixture.open().objects.leases
        var lease: Lease? = try mine.lease()
        try lease?.take(digests.prefix(2))
        #expect(lease?.holds(digests[0]) == true && lease?.holds(digests[2]) == false)
        #expect(theirs.held(among: digests) == Set(digests.prefix(2)))
        let second = try theirs.lease()
        try second.take([digests[1]])
        lease = nil
        #expect(mine.held(among: digests) == [digests[1]])
        withExtendedLifetime(second) {}
    }

    @Test("A dead owner holds nothing, and its lock file is found")
    func deadOwner() throws {
        let fixture = try StorageFixture()
        let leases = try fixture.open().objects.leases
        // What a killed process leaves: a row, and a lock file that nobody locks.
        let name = "\(Lease.namePrefix)1-dead"
        _ = try leases.book().add(Set(digests), owner: nil, named: name)
        try Data().write(to: fixture.root.appending(path: "locks/\(name)"))
        #expect(leases.abandonedOwners() == [fixture.root.appending(path: "locks/\(name)").path])
        #expect(leases.held(among: digests).isEmpty)
        // One whose lock file is gone is dead too.
        _ = try leases.book().add(Set(digests), owner: nil, named: "\(Lease.namePrefix)1-gone")
        #expect(leases.held(among: digests).isEmpty)
    }

    @Test("Two thousand new objects take leases in one step, and present ones once each")
    func batches() throws {
        let fixture = try StorageFixture()
        let counter = StepCounter()
        let storage = try fixture.open(beforeStep: counter.hook)
        let contents = (0..<2000).map { Array("object \($0)".utf8) }
        let batch = storage.objects.batch()
        for bytes in contents { try batch.put(bytes) }
        try batch.makeDurable()
        #expect(counter.steps.count { $0.action == .lease } == 1)
        let again = storage.objects.batch()
        try again.hold(contents.map { Digest(hashing: $0) })
        for bytes in contents { try again.put(bytes) }
        try again.makeDurable()
        #expect(counter.steps.count { $0.action == .lease } == 2)
    }

    @Test("A damaged database is replaced when nobody has it open, and refused while somebody has")
    func damaged() throws {
        let fixture = try StorageFixture()
        let path = LeaseBook.path(in: fixture.root.appending(path: "locks").path)
        do {
            let leases = try fixture.open().objects.leases
            try leases.lease().take(digests)
            try Data(repeating: 7, count: 4096).write(to: URL(fileURLWithPath: path))
            let other = try fixture.open().objects.leases
            let error = #expect(throws: LetheError.self) { try other.lease().take(digests) }
            #expect(error?.code == .conflict && error?.remedy != nil)
        }
        let leases = try fixture.open().objects.leases
        let lease = try leases.lease()
        try lease.take(digests)
        #expect(leases.held(among: digests) == Set(digests))
    }

    @Test("Deleting the index loses no lease")
    func index() throws {
        let fixture = try StorageFixture()
        let storage = try fixture.open()
        _ = try fixture.index(storage)
        let lease = try storage.objects.leases.lease()
        try lease.take(digests)
        for name in FolderListing.names(in: fixture.root.path) where name.hasPrefix("index.") {
            try FileManager.default.removeItem(at: fixture.root.appending(path: name))
        }
        #expect(try fixture.open().objects.leases.held(among: digests) == Set(digests))
        withExtendedLifetime(lease) {}
    }

    @Test("Many writers at once take and give back leases, and none is lost")
    func concurrency() async throws {
        let fixture = try StorageFixture()
        let root = fixture.root
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<8 {
                group.addTask {
                    let leases = try RegistryStorage(opening: root).objects.leases
                    for round in 0..<10 {
                        let digest = Digest(hashing: [UInt8(writer), UInt8(round)])
                        let lease = try leases.lease()
                        try lease.take([digest])
                        #expect(leases.held(among: [digest]) == [digest])
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try fixture.open().objects.leases.abandonedOwners().isEmpty)
    }
}
