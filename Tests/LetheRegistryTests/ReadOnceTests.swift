import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("What is read once, and what is not read at all")
struct ReadOnceTests {
    @Test("A request that was read before is checked again when the trusted keys change")
    func trustedKeys() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.addDataset(in: registry)
        try await tiny.identifiedRequest(in: registry)
        let id = try #require(try registry.caseFiles().first).opening.id
        #expect(try registry.caseFile(id).steps.count == 1)
        let keys = tiny.root.appending(path: "keys/allowed_signers")
        let text = try String(contentsOf: keys, encoding: .utf8)
        let others = text.split(separator: "\n").filter { !$0.hasPrefix("operator") }
        try #require(others.count < text.split(separator: "\n").count)
        try Data((others.joined(separator: "\n") + "\n").utf8).write(to: keys)
        await expect(.refused) { _ = try registry.caseFile(id) }
        await expect(.refused) { _ = try registry.caseFiles() }
        try Data(text.utf8).write(to: keys)
        #expect(try registry.caseFile(id).steps.count == 1)
    }

    @Test("A request that was read before has the steps that came since")
    func steps() async throws {
        let tiny = try TinyRegistry()
        let (writing, reading) = (try tiny.open(), try tiny.open())
        try await tiny.publish(in: writing)
        try await tiny.addDataset(in: writing)
        try await tiny.identifiedRequest(in: writing)
        let file = try #require(try reading.caseFiles().first)
        try tiny.acceptRequest(in: writing)
        #expect(try reading.caseFile(file.opening.id).state == .accepted)
        #expect(try reading.caseFiles().map(\.state) == [.accepted])
    }

    @Test("The history of a line does not read what was decided about another")
    func decisions() async throws {
        let tiny = try TinyRegistry()
        let registry = try tiny.open()
        try await tiny.publish(in: registry)
        try await tiny.publish(tiny.otherModelFolder, as: "secret", in: registry)
        _ = try registry.revoke(
            Revision("secret@v1"), reason: "A mistake.", keys: tiny.keys(),
            now: TinyRegistry.now)
        #expect(try registry.log("secret").map(\.state) == [.revoked])
        let git = try Program.run(
            "git", ["update-ref", "refs/erasures/secret", "refs/heads/secret"],
            in: tiny.root.appending(path: "lineage.git"))
        try #require(git.status == 0)
        #expect(try registry.log("faces").map(\.state) == [.current])
        await expect(.malformed) { _ = try registry.log("secret") }
    }
}
