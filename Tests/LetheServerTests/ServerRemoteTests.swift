import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

/// Push, fetch, clone and audit with the real command through a real server.
@Suite("A registry at a server, as a remote", .enabled(if: Program.has("git"), "needs git"))
struct ServerRemoteTests {
    @Test("Push, fetch, clone and audit do through a server what they do between folders")
    func everything() async throws {
        let pair = try await MirrorPair()
        try await pair.here.publish(pair.here.otherModelFolder, as: "cats", in: pair.here.open())
        #expect(try pair.lethe("remote", "add", "mirror", pair.served.url).status == 0)
        let pushed = try pair.lethe("push", "mirror", "--quiet")
        #expect(pushed.status == 0, "\(pushed.errors)\(pushed.output)")
        #expect(try pair.there.open().models() == ["cats", "faces"])
        #expect(try pair.there.check().isClean)
        let again = try StrictJSON.parse(
            Array(pair.lethe("push", "mirror", "--quiet", "--json").output.utf8))
        #expect(again["objects"]?.integerValue == 0)

        try await pair.there.publish(pair.there.modelFolder, as: "dogs", in: pair.there.open())
        let fetched = try pair.lethe("fetch", "mirror", "dogs", "--quiet", "--json")
        #expect(fetched.status == 0, "\(fetched.errors)")
        let answer = try StrictJSON.parse(Array(fetched.output.utf8))
        #expect(answer["lines"]?.arrayValue?.first?["outcome"]?.stringValue == "moved")

        let second = try pair.clone("second")
        #expect(try second.open().models() == ["cats", "dogs", "faces"])
        #expect(try second.check().isClean && pair.here.check().isClean)
        let audit = try pair.lethe("audit", "--remote", "mirror")
        #expect(audit.status == 0 && audit.output.contains("honours"), "\(audit.output)")
        #expect(try pair.served.logged().contains("exchange begun"))
        #expect(try !pair.served.logged().contains(pair.token.dropFirst(6)))
    }

    @Test("By TLS, with a token in a file, and only to a server whose authority is trusted")
    func encrypted() async throws {
        let folder = try TemporaryFolder()
        let certificate = try OwnCertificate("own", in: folder.url)
        let pair = try await MirrorPair(certificate.arguments)
        try await pair.here.publish(pair.here.otherModelFolder, as: "cats", in: pair.here.open())
        let file = folder.url.appending(path: "token")
        try Data("\(pair.token)\n".utf8).write(to: file)
        let options = ["--token-file", file.path, "--certificate-authority"]
        let pushed = try pair.lethe(
            ["push", pair.served.url, "--quiet"] + options + [certificate.certificate], token: nil)
        #expect(pushed.status == 0, "\(pushed.errors)\(pushed.output)")
        let audit = try pair.lethe(
            ["audit", "--remote", pair.served.url] + options + [certificate.certificate],
            token: nil)
        #expect(audit.status == 0, "\(audit.output)\(audit.errors)")
        let distrusted = try pair.lethe("fetch", pair.served.url, "--quiet")
        #expect(distrusted.status == 5)
        #expect(distrusted.errors.contains("no certificate that is trusted"))
    }

    @Test(
        "Behind a proxy that knows nothing of it",
        .enabled(if: Program.has("nginx", "openssl"), "needs nginx and openssl"))
    func behindProxy() async throws {
        let pair = try await MirrorPair()
        try await pair.here.publish(pair.here.otherModelFolder, as: "cats", in: pair.here.open())
        let folder = try TemporaryFolder()
        let certificate = try OwnCertificate("own", in: folder.url)
        let proxy = try Proxy(to: pair.served, by: certificate, in: folder.url)
        defer { proxy.end() }
        let options = ["--quiet", "--certificate-authority", certificate.certificate]
        for verb in ["push", "fetch"] {
            let done = try pair.lethe([verb, proxy.url] + options, token: pair.token)
            #expect(done.status == 0, "\(verb): \(done.errors)\(done.output)")
        }
        #expect(try pair.there.open().models() == ["cats", "faces"])
        #expect(try pair.there.check().isClean)
    }

    @Test("Of two that push at once one is told, with exit code 6, and nothing is lost")
    func twoPushers() async throws {
        let pair = try await MirrorPair()
        let other = try pair.here.copy()
        try await pair.here.publish(pair.here.otherModelFolder, in: pair.here.open())
        try TinyModel.write(to: other.folder("third"), shift: 3)
        try await other.publish(other.folder("third"), in: other.open())
        let (url, token) = (pair.served.url, pair.token)
        let codes = try await withThrowingTaskGroup(of: Int32.self) { group in
            for tiny in [pair.here, other] {
                group.addTask {
                    try MirrorPair.lethe(["push", url, "--quiet"], tiny, token: token).status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(codes.sorted() == [0, 6])
        #expect(try pair.there.open().versions(of: "faces").count == 2)
        #expect(try pair.here.check().isClean && other.check().isClean)
        #expect(try pair.there.check().isClean)
    }

    @Test("What was revoked and purged here is revoked and erased there, with a receipt")
    func purged() async throws {
        let pair = try await MirrorPair()
        let registry = try pair.here.open()
        try await pair.here.forget([1], in: registry)
        try await pair.here.certify(in: registry)
        #expect(try pair.lethe("push", pair.served.url, "--quiet").status == 0)
        // A mirror has the bytes of revoked versions, too.
        let whole = try pair.clone("whole")
        #expect(try whole.check().isClean && whole.objects() == pair.there.objects())
        try await pair.here.keepYardstick(in: registry)
        let erased = try pair.here.purge(in: registry).removed
        try #require(!erased.isEmpty)
        var audit = try pair.lethe("audit", "--remote", pair.served.url, "--quick")
        #expect(audit.status == 4 && audit.output.contains("remote-has-purged"))
        let pushed = try StrictJSON.parse(
            Array(pair.lethe("push", pair.served.url, "--quiet", "--json").output.utf8))
        #expect(pushed["erased"]?.integerValue == erased.count)
        let left = pair.there.objects()
        #expect(erased.allSatisfy { !left.contains($0.digest.hex) })
        #expect(try pair.lethe("fetch", pair.served.url, "--quiet").status == 0)
        audit = try pair.lethe("audit", "--remote", pair.served.url)
        #expect(audit.status == 0 && audit.output.contains("honours"), "\(audit.output)")
        let mirror = try MirrorPair.lethe(
            ["fetch", pair.served.url, "--quiet"], whole, token: pair.token)
        #expect(mirror.status == 0, "\(mirror.errors)\(mirror.output)")
        #expect(erased.allSatisfy { !whole.objects().contains($0.digest.hex) })
    }
}

/// A registry, and a server with a clone of it.
struct MirrorPair {
    let here: TinyRegistry
    let there: TinyRegistry
    let served: Served
    /// May fetch and push.
    let token: String

    init(_ arguments: [String] = []) async throws {
        here = try await TinyRegistry.ready()
        there = try here.cloned()
        token = try there.token("mirror", scopes: [.mirror, .publish])
        served = try Served(there, with: ["--keys", there.keysFolder.path] + arguments)
    }

    /// Runs a command of the registry here, with the token.
    func lethe(_ arguments: String...) throws -> Program {
        try Self.lethe(arguments, here, token: token)
    }

    func lethe(_ arguments: [String], token: String?) throws -> Program {
        try Self.lethe(arguments, here, token: token)
    }

    static func lethe(
        _ arguments: [String], _ tiny: TinyRegistry, token: String?
    ) throws -> Program {
        var environment = [
            "LETHE_REGISTRY": tiny.root.path, "LETHE_KEYS": tiny.keysFolder.path,
        ]
        environment["LETHE_TOKEN"] = token
        let program = try Program.run(
            Served.lethe, arguments, in: tiny.outside, environment: environment)
        if let token {
            #expect(!(program.output + program.errors).contains(token.dropFirst(6)))
        }
        return program
    }

    func clone(_ name: String) throws -> TinyRegistry {
        let tiny = TinyRegistry(
            root: here.folder(name), outside: here.folder("\(name)-outside"))
        try FileManager.default.createDirectory(
            at: tiny.outside, withIntermediateDirectories: true)
        let cloned = try lethe(
            "clone", served.url, tiny.root.path, "--keys", tiny.keysFolder.path, "--quiet")
        try #require(cloned.status == 0, "\(cloned.errors)\(cloned.output)")
        return tiny
    }
}

extension TinyRegistry {
    /// The objects that are there, by hexadecimal digits.
    func objects() -> Set<String> {
        let folder = root.appending(path: "objects/sha256")
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        return Set(
            (found?.compactMap { $0 as? URL } ?? []).filter { !$0.hasDirectoryPath }
                .map { $0.pathComponents.suffix(2).joined() })
    }
}
