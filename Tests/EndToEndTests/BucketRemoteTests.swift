import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

/// Push, fetch, clone and audit with the real command, a real S3 server and a bare git repository.
@Suite(
    "A registry in a bucket, its lineage in git", .serialized,
    .enabled(
        if: PythonClients.bucketServer != nil && Program.has("git", "curl"),
        "needs scripts/s3-server, git and curl"))
struct BucketRemoteTests {
    private let server: BucketServer
    private let here: TinyRegistry

    init() async throws {
        server = try BucketServer()
        here = try TinyRegistry()
        let registry = try here.open()
        try await here.publish(in: registry)
        try await here.addDataset(in: registry)
        let added = try server.lethe(
            ["remote", "add", "store", server.address, "--lineage", server.lineage],
            registry: here.root, keys: here.keysFolder)
        try #require(added.status == 0, "\(added.errors)")
    }

    @Test("What is pushed is what is cloned and fetched, and nothing travels twice")
    func everything() async throws {
        defer { server.stop() }
        let missing = try lethe("fetch", "store", "--quiet")
        #expect(missing.status == 1 && missing.errors.contains("no registry"), "\(missing.errors)")
        let pushed = try lethe("push", "store", "--quiet", "--json")
        #expect(pushed.status == 0, "\(pushed.errors)\(pushed.output)")
        let objects = try server.files(below: "team/objects")
        #expect(objects.count == stored(here).count)
        let again = try report("push", "store", "--quiet", "--json")
        #expect(again["objects"]?.integerValue == 0 && outcomes(again) == ["same"])

        let mirror = try clone("mirror")
        #expect(try mirror.open().models() == ["faces"] && mirror.open().datasets() == ["people"])
        #expect(try mirror.check().isClean && stored(mirror) == stored(here))

        try await here.publish(here.otherModelFolder, as: "cats", in: here.open())
        try await here.forget([1], in: here.open())
        #expect(try lethe("push", "store", "--quiet").status == 0)
        let added = try server.lethe(
            ["remote", "add", "store", server.address, "--lineage", server.lineage],
            registry: mirror.root, keys: mirror.keysFolder)
        #expect(added.status == 0)
        let fetched = try server.lethe(
            ["fetch", "store", "--quiet"], registry: mirror.root, keys: mirror.keysFolder)
        #expect(fetched.status == 0, "\(fetched.errors)\(fetched.output)")
        #expect(try mirror.open().models() == ["cats", "faces"] && mirror.check().isClean)
        #expect(try mirror.open().versions(of: "faces").count == 2)
        let audit = try lethe("audit", "--remote", "store")
        #expect(audit.status == 0 && audit.output.contains("honours"), "\(audit.output)")
    }

    @Test("Of two that push at once one is told, and what it sent stays for its next push")
    func twoPushers() async throws {
        defer { server.stop() }
        try #require(try lethe("push", "store", "--quiet").status == 0)
        let other = try here.copy()
        try await here.publish(here.otherModelFolder, in: here.open())
        try TinyModel.write(to: other.folder("third"), shift: 3)
        try await other.publish(other.folder("third"), in: other.open())
        let server = server
        nonisolated(unsafe) let shared = server
        let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
            for tiny in [here, other] {
                group.addTask {
                    unsafe try shared.lethe(
                        ["push", "store", "--quiet"], registry: tiny.root, keys: tiny.keysFolder
                    ).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.sorted() == [0, 6])
        #expect(try here.check().isClean && other.check().isClean)
        let mirror = try clone("mirror")
        #expect(try mirror.open().versions(of: "faces").count == 2 && mirror.check().isClean)
    }

    @Test("A push that is killed in the middle of an upload in parts goes on with that upload")
    func interrupted() async throws {
        defer { server.stop() }
        let large = here.folder("large")
        try TinyModel.write(to: large, paddingSizeBytes: 2 * (64 << 20))
        try await here.publish(large, as: "large", in: here.open())
        let push = Process()
        push.executableURL = Scene.lethe
        push.arguments = ["push", "store", "large", "--quiet"]
        push.environment = server.environment(registry: here.root, keys: here.keysFolder)
        push.standardOutput = FileHandle.nullDevice
        push.standardError = FileHandle.nullDevice
        try push.run()
        try wait { try parts().count >= 2 || !push.isRunning }
        kill(push.processIdentifier, SIGKILL)
        push.waitUntilExit()
        #expect(push.terminationReason == .uncaughtSignal, "it was done before it was killed")
        let before = try parts()
        #expect(before.count >= 2)
        let again = try lethe("push", "store", "large", "--quiet")
        #expect(again.status == 0, "\(again.errors)\(again.output)")
        // The upload that was cut off was finished: an upload beside it would leave its parts.
        #expect(try parts().isEmpty)
        let mirror = try clone("mirror")
        #expect(try mirror.open().models() == ["large"] && mirror.check().isClean)
    }

    @Test("Wrong keys are refused, without telling them, and nothing moves")
    func wrongKeys() throws {
        defer { server.stop() }
        let wrong = "not-the-secret-0815"
        let pushed = try server.lethe(
            ["push", "store", "--quiet"], registry: here.root, keys: here.keysFolder,
            secret: wrong)
        #expect(pushed.status == 5, "\(pushed.errors)\(pushed.output)")
        #expect(!(pushed.errors + pushed.output).contains(wrong))
        #expect(try server.files(below: "team").isEmpty)
        let none = try Program.run(
            Scene.lethe, ["push", "store", "--quiet"], in: server.folder.url,
            environment: ["LETHE_REGISTRY": here.root.path, "LETHE_KEYS": here.keysFolder.path])
        #expect(none.status == 5 && none.errors.contains("no keys for S3"), "\(none.errors)")
    }

    @Test("A flipped bit in the bucket is found by who clones and by an audit; nothing of it stays")
    func flipped() async throws {
        defer { server.stop() }
        try #require(try lethe("push", "store", "--quiet").status == 0)
        // Anything but a recipe or another text.
        let part = try #require(
            try stored(here).sorted().first {
                let bytes = try Data(contentsOf: object($0, of: here))
                return bytes.count > 8 && bytes.first != UInt8(ascii: "{")
            })
        try server.flip("team/objects/sha256/\(part.prefix(2))/\(part.dropFirst(2))")
        for verb in ["audit", "fsck"] {
            let audit = try lethe(verb, "--remote", "store")
            #expect(
                audit.status == 4 && audit.output.contains("remote-poisoned"), "\(audit.output)")
        }
        let cloned = try cloning("mirror")
        #expect(cloned.program.status == 4, "\(cloned.program.errors)")
        #expect(try cloned.tiny.open().models().isEmpty && cloned.tiny.check().isClean)
        #expect(!stored(cloned.tiny).contains(part))
    }

    @Test(
        "What is purged here goes from the bucket with the next push, which signs for it",
        arguments: [false, true])
    func purged(_ keepsVersions: Bool) async throws {
        defer { server.stop() }
        if keepsVersions { try server.keepVersions() }
        let registry = try here.open()
        try await here.forget([1], in: registry)
        try await here.certify(in: registry)
        try #require(try lethe("push", "store", "--quiet").status == 0)
        try await here.keepYardstick(in: registry)
        let erased = try here.purge(in: registry).removed
        try #require(!erased.isEmpty)
        var audit = try lethe("audit", "--remote", "store", "--quick")
        #expect(audit.status == 4 && audit.output.contains("remote-has-purged"))
        let pushed = try report("push", "store", "--quiet", "--json")
        #expect(pushed["erased"]?.integerValue == erased.count)
        let left = try server.versions()
        #expect(left.contains("team/objects/sha256/"))
        for object in erased { #expect(!left.contains(String(object.digest.hex.dropFirst(2)))) }
        audit = try lethe("audit", "--remote", "store")
        #expect(audit.status == 0, "\(audit.output)")
        let receipt = try #require(try here.open().receipts().last)
        #expect(Set(receipt.gone) == Set(erased))
        #expect(receipt.placesChecked.first?.hasPrefix(server.address) == true)
        let mirror = try clone("mirror")
        #expect(try mirror.check().isClean && here.check().isClean)
        let again = try report("push", "store", "--quiet", "--json")
        #expect(again["erased"]?.integerValue == 0 && outcomes(again) == ["same"])
    }

    @Test("What a line there needs that is not known here stays, whatever was purged here")
    func stranger() async throws {
        defer { server.stop() }
        let other = try here.copy()
        try await other.publish(other.modelFolder, as: "copy", in: other.open())
        let theirs = try server.lethe(
            ["push", "store", "--quiet"], registry: other.root, keys: other.keysFolder)
        try #require(theirs.status == 0, "\(theirs.errors)\(theirs.output)")
        let registry = try here.open()
        try await here.forget([1], in: registry)
        try await here.certify(in: registry)
        try await here.keepYardstick(in: registry)
        let erased = try here.purge(in: registry).removed
        try #require(!erased.isEmpty)
        let pushed = try report("push", "store", "--quiet", "--json")
        #expect(try #require(pushed["erased"]?.integerValue) < erased.count)
        let mirror = try clone("mirror")
        #expect(try mirror.open().models() == ["copy", "faces"] && mirror.check().isClean)
        #expect(try mirror.open().versions(of: "faces").count == 3)
    }

    private func lethe(_ arguments: String...) throws -> Program {
        try server.lethe(arguments, registry: here.root, keys: here.keysFolder)
    }

    private func report(_ arguments: String...) throws -> JSONValue {
        let done = try server.lethe(arguments, registry: here.root, keys: here.keysFolder)
        try #require(done.status == 0, "\(done.errors)\(done.output)")
        return try StrictJSON.parse(Array(done.output.utf8))
    }

    private func outcomes(_ report: JSONValue) -> Set<String> {
        Set((report["lines"]?.arrayValue ?? []).compactMap { $0["outcome"]?.stringValue })
    }

    private func clone(_ name: String) throws -> TinyRegistry {
        let (tiny, program) = try cloning(name)
        try #require(program.status == 0, "\(program.errors)\(program.output)")
        return tiny
    }

    private func cloning(_ name: String) throws -> (tiny: TinyRegistry, program: Program) {
        let outside = here.folder("\(name)-outside")
        let tiny = TinyRegistry(root: here.folder(name), outside: outside)
        let program = try server.lethe(
            [
                "clone", server.address, tiny.root.path, "--lineage", server.lineage, "--keys",
                tiny.keysFolder.path, "--quiet",
            ], registry: here.root, keys: here.keysFolder)
        return (tiny, program)
    }

    private func object(_ name: String, of tiny: TinyRegistry) -> URL {
        tiny.root.appending(path: "objects/sha256/\(name.prefix(2))/\(name.dropFirst(2))")
    }

    /// The parts of uploads that are not finished.
    private func parts() throws -> [String] { try server.files(below: ".uploads") }

    private func stored(_ tiny: TinyRegistry) -> Set<String> {
        let folder = tiny.root.appending(path: "objects/sha256")
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return Set(
            (found?.compactMap { $0 as? URL } ?? []).filter { !$0.hasDirectoryPath }
                .map { $0.pathComponents.suffix(2).joined() })
    }
}
