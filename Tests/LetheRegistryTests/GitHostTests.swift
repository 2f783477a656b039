import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("A git host that has a lineage", .enabled(if: Program.has("git"), "needs git"))
struct GitHostTests {
    private let fixture: TransferFixture
    private let folder: TemporaryFolder
    private let host: GitHost
    private let faces: ReferenceName

    init() async throws {
        fixture = try await TransferFixture()
        folder = try TemporaryFolder()
        let made = try Program.run("git", ["init", "-q", "--bare", "host.git"], in: folder.url)
        try #require(made.status == 0, "\(made.errors)")
        host = try GitHost(folder.url.appending(path: "host.git").path)
        faces = try .model("faces")
    }

    @Test("Of two that move a line from the same place one is told, and nothing is overwritten")
    func conflict() async throws {
        let (one, two) = (fixture.source, try fixture.source.copy())
        #expect(try move(one).isEmpty && host.lines() == [faces: tip(one)])
        try await one.publish(fixture.other(1), in: one.open())
        try await two.publish(fixture.other(2), in: two.open())
        #expect(try move(one).isEmpty)
        let failures = try move(two)
        #expect(failures[faces]?.code == .conflict && failures[faces]?.remedy != nil)
        #expect(try host.lines() == [faces: tip(one)])
        // What is there already is no failure.
        #expect(try move(one).isEmpty)
    }

    @Test("What a host declines is refused in its words; one that is not there is an error")
    func refusals() throws {
        let hook = folder.url.appending(path: "host.git/hooks/pre-receive")
        try Data("#!/bin/sh\nexit 1\n".utf8).write(to: hook)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: hook.path)
        let failure = try move(fixture.source)[faces]
        #expect(failure?.code == .refused && failure?.message.contains("hook") == true)
        #expect(try host.lines().isEmpty)
        let nowhere = try GitHost(folder.url.appending(path: "nowhere.git").path)
        let error = #expect(throws: LetheError.self) { try nowhere.lines() }
        #expect(error?.code == .io)
    }

    @Test("A shadow gets the lines of Lethe with all that they need, and no other reference")
    func shadow() throws {
        try #require(try move(fixture.source).isEmpty)
        let odd = "refs/odd/name"
        let made = try Program.run(
            "git", ["update-ref", odd, tip(fixture.source).hex],
            in: folder.url.appending(path: "host.git"))
        try #require(made.status == 0)
        let layout = RegistryLayout(root: folder.url.appending(path: "shadow"))
        try FileManager.default.createDirectory(
            at: layout.root, withIntermediateDirectories: true)
        try Lineage.createShadow(layout, lender: nil, references: [])
        try host.copy(host.lines().keys, into: layout)
        let lineage = try Lineage(layout)
        #expect(try lineage.lineNames() == [faces])
        #expect(
            try lineage.history(of: faces).map(\.id)
                == fixture.source.open().storage.lineage.history(of: faces).map(\.id))
    }

    private func tip(_ tiny: TinyRegistry) throws -> CommitID {
        try #require(try tiny.open().storage.lineage.target(of: faces))
    }

    private func move(_ tiny: TinyRegistry) throws -> [ReferenceName: LetheError] {
        try host.move([(faces, tip(tiny))], from: tiny.open().storage.lineage)
    }
}
