import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import Synchronization
import TestSupport
import Testing

@Suite("Many models at once")
struct PublishEachTests {
    let tiny: TinyRegistry

    init() async throws {
        tiny = try TinyRegistry()
        try await tiny.publish(in: tiny.open())
        try tiny.writeModels()
    }

    @Test("Every folder becomes the next version of the model of its name; again, nothing changes")
    func each() async throws {
        let registry = try tiny.open()
        let models = try await tiny.publishEach(in: registry)
        #expect(models.map(\.version.name) == ["faces@v2", "faces-adapter@v1"])
        #expect(models.map(\.isNew) == [true, true])
        #expect(try registry.log("faces").count == 2)
        #expect(try registry.audit().size == 3)
        let again = try await tiny.publishEach(in: tiny.open())
        #expect(again.map(\.version.commit) == models.map(\.version.commit))
        #expect(again.map(\.isNew) == [false, false])
        #expect(try tiny.check().findings.isEmpty)
    }

    @Test("Thirty new versions wait for the disk as often as three do")
    func fewWaits() async throws {
        var counts: [Int] = []
        for count in [3, 30] {
            let folder = tiny.folder("many-\(count)")
            for number in 0..<count {
                try TinyModel.writeAdapter(
                    to: folder.appending(path: "m-\(count)-\(number)"), seed: number)
            }
            let counter = WaitCounter()
            let registry = try tiny.open(beforeStep: counter.hook)
            let models = try await tiny.publishEach(folder, in: registry)
            #expect(models.count == count)
            counts.append(counter.count)
        }
        #expect(counts[1] <= counts[0] + 1, "\(counts)")
        #expect(counts[1] < 20, "\(counts)")
        #expect(try tiny.check().findings.isEmpty)
        let size = try tiny.open().audit().size
        #expect(size == 34)
    }

    @Test("A bad folder or name is named, and nothing is written")
    func refused() async throws {
        let registry = try tiny.open()
        try TinyModel.writeAdapter(to: tiny.modelsFolder.appending(path: "No Name"))
        let name = await expect(.invalidArgument) { try await tiny.publishEach(in: registry) }
        #expect(name?.message.contains("No Name") == true)
        try FileManager.default.removeItem(at: tiny.modelsFolder.appending(path: "No Name"))
        let empty = tiny.modelsFolder.appending(path: "zz")
        try FileManager.default.createDirectory(at: empty, withIntermediateDirectories: true)
        let missing = await expect(.notFound) { try await tiny.publishEach(in: registry) }
        #expect(missing?.message.contains("zz") == true)
        #expect(try registry.log(nil).count == 1)
        await expect(.notFound) { try await tiny.publishEach(tiny.samples, in: registry) }
        #expect(try tiny.check().findings.isEmpty)
    }

    @Test("An adapter is bound to its base by digest, if it says which version that is")
    func base() async throws {
        let registry = try tiny.open()
        let folder = tiny.folder("adapters")
        try TinyModel.writeAdapter(to: folder.appending(path: "one"), base: "faces")
        try TinyModel.writeAdapter(to: folder.appending(path: "two"), base: "google/vit")
        let models = try await tiny.publishEach(folder, in: registry)
        let first = try #require(try registry.tip(of: "faces"))
        let base = try #require(models[0].version.manifest.base)
        #expect(base.model == "faces" && base.version == first.manifestDigest)
        #expect(base.weights == first.weightsDigest)
        #expect(models[1].version.manifest.base == nil)
        try await tiny.publish(tiny.otherModelFolder, in: registry)
        try TinyModel.writeAdapter(to: folder.appending(path: "three"), base: "faces")
        await expect(.invalidArgument) { try await tiny.publishEach(folder, in: registry) }
        let named = try await tiny.publishEach(folder, base: Revision("faces@v2"), in: registry)
        #expect(named.map(\.version.manifest.base?.model) == ["faces", "faces", "faces"])
        let error = await expect(.unsupported) {
            try await tiny.publishEach(folder, base: Revision("one"), in: registry)
        }
        #expect(error?.message.contains("adapter") == true)
        #expect(try tiny.check().findings.isEmpty)
    }
}

/// Counts how often the disk is waited for.
private final class WaitCounter: Sendable {
    private let waits = Mutex(0)

    var count: Int { waits.withLock { $0 } }

    var hook: BeforeStep {
        { (step) throws(LetheError) in
            guard [.syncFile, .syncFolder, .syncFileSystem].contains(step.action) else { return }
            self.waits.withLock { $0 += 1 }
        }
    }
}
