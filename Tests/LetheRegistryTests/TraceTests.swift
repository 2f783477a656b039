import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Tracing what has seen the data")
struct TraceTests {
    let tiny: TinyRegistry
    let registry: Registry
    let request: String

    init() async throws {
        tiny = try TinyRegistry()
        registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.publish(as: "copy", in: registry)
        try await tiny.publish(tiny.otherModelFolder, as: "stranger", in: registry)
        request = try await tiny.forget([1], in: registry).manifest.requests[0]
        try await tiny.certify(in: registry)
    }

    @Test("A model that somebody published with the same weights is found by digest")
    func sameWeights() throws {
        let trace = try registry.trace(request)
        #expect(trace.entries.map(\.version) == ["copy@v1", "faces@v1", "faces@v2", "faces@v3"])
        let copy = try #require(trace.entries.first)
        #expect(copy.contains && copy.state == .current && copy.aliases == [.latest])
        #expect(copy.relation == .sameWeights(as: "faces@v1"))
        #expect(trace.entries.map(\.state) == [.current, .revoked, .revoked, .current])
        #expect(trace.exposed.count == 2)
        #expect(trace.exposed[0].contains("copy@v1 is given out as latest"))
        #expect(trace.exposed[1].contains("faces@v1 is revoked, but its bytes are still there"))
    }

    @Test("What is erased or has honoured the same samples under another name is exposed no more")
    func settled() async throws {
        try await tiny.keepYardstick(in: registry)
        _ = try await registry.forget(
            ForgetOrder(
                model: "copy", classes: [1], dataset: TinyRegistry.dataset,
                recipe: registry.recipe(named: "strong"), seed: 1, place: TinyRegistry.place),
            engine: FakeEngine(), keys: tiny.keys(), now: TinyRegistry.now, progress: { _ in })
        _ = try registry.revoke(
            Revision("copy@v1"), reason: "A copy.", keys: tiny.keys(), now: TinyRegistry.now)
        let trace = try registry.trace(request)
        let copies = trace.entries.filter { $0.version.hasPrefix("copy") }
        #expect(copies.map(\.contains) == [true, false])
        #expect(copies.map(\.state) == [.revoked, .current])
        #expect(trace.exposed.allSatisfy { $0.contains("its bytes are still there") })
        // Its own copy@v2 is base and delta, so that the original stays until that is certified.
        let report = try tiny.purge(["faces"], in: registry)
        #expect(report.kept.contains { $0.holder == "copy@v2" || $0.holder == "copy@v1" })
        #expect(try registry.trace(request).exposed.map { $0.prefix(7) } == ["copy@v1"])
    }
}
