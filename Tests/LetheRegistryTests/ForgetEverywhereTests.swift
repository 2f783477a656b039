import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Honouring a request on every line that has seen the data")
struct ForgetEverywhereTests {
    let tiny: TinyRegistry
    let registry: Registry
    let request: String

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.addDataset(in: registry)
        try await tiny.publish(in: registry)
        try await tiny.publish(as: "copy", in: registry)
        try await tiny.publish(tiny.otherModelFolder, as: "stranger", in: registry)
        try await tiny.trainShards(grouping: "label", in: registry)
        request = try await tiny.forget([3], in: registry).manifest.requests[0]
    }

    @Test("The cheapest way comes first, and afterwards no other line contains it")
    func spread() async throws {
        let lines = try registry.linesContaining(request)
        #expect(lines.map(\.model) == ["sharded", "copy"])
        #expect(lines.map(\.way) == [.rollBack, .run])
        for line in lines {
            let order = try registry.order(
                spreading: request, to: line.model, recipe: registry.recipe(named: "strong"),
                seed: 1, place: TinyRegistry.place)
            let version = try await registry.forget(
                order, engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now,
                progress: { _ in })
            #expect(version.manifest.operation == (line.way == .run ? .forget : .rollback))
        }
        #expect(try registry.linesContaining(request).isEmpty)
        await expect(.refused) {
            _ = try registry.order(
                spreading: request, to: "copy", recipe: registry.recipe(named: "strong"), seed: 1,
                place: TinyRegistry.place)
        }
        #expect(try tiny.check(registry).findings.isEmpty)
    }

    @Test("An adapter on the weights is named, with the advice to revoke it")
    func adapter() async throws {
        let folder = tiny.folder("adapters")
        try TinyModel.writeAdapter(to: folder.appending(path: TinyRegistry.adapter))
        try await tiny.publishEach(folder, base: Revision("faces@v1"), in: registry)
        let line = try #require(registry.linesContaining(request).last)
        #expect(line.model == TinyRegistry.adapter && line.way == .byHand)
        let version = "\(TinyRegistry.adapter)@v1"
        #expect(try registry.trace(request).exposed.contains { $0.contains("revoke \(version)") })
        _ = try registry.revoke(
            Revision(version), reason: "Its base is revoked.", keys: tiny.keys(),
            now: TinyRegistry.now)
        #expect(try !registry.trace(request).exposed.contains { $0.contains("may know it") })
    }
}
