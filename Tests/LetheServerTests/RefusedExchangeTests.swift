import Foundation
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite("Who may take a registry from a server, and what is not taken from one")
struct RefusedExchangeTests {
    @Test("Every token but one that may mirror everything is refused, and nothing moves")
    func tokens() async throws {
        let pair = try await MirrorPair()
        try await pair.here.publish(pair.here.otherModelFolder, as: "cats", in: pair.here.open())
        let reader = try pair.there.token(scopes: [.read, .publish, .forget, .certify])
        let narrow = try pair.there.token(
            "narrow", scopes: [.mirror, .publish], models: ["faces"])
        let mirror = try pair.there.token("reading", scopes: [.mirror])
        let forged = "lethe_" + String(repeating: "0", count: 64)
        for token in [nil, forged, reader, narrow] {
            for verb in ["fetch", "push"] {
                let refused = try pair.lethe([verb, pair.served.url, "--quiet"], token: token)
                #expect(refused.status == 5, "\(verb): \(refused.errors)")
            }
        }
        let pushed = try pair.lethe(["push", pair.served.url, "--quiet"], token: mirror)
        #expect(pushed.status == 5 && pushed.errors.contains("does not allow"))
        #expect(try pair.lethe(["fetch", pair.served.url, "--quiet"], token: mirror).status == 0)
        #expect(try pair.there.open().models() == ["faces"])
        for token in [reader, narrow, mirror, pair.token] {
            #expect(try !pair.served.logged().contains(token.dropFirst(6)))
        }
        // Who may mirror may not read pages, pull or publish by that alone.
        #expect(try pair.served.ask("GET", "/log", mirror).status == 403)
    }

    @Test("A public server gives nothing of this to everybody")
    func publicServer() async throws {
        let pair = try await MirrorPair(["--public"])
        let answer = try pair.served.ask("POST", "/exchanges", nil, "{\"direction\":\"send\"}")
        #expect(answer.status == 401)
    }

    @Test("A token does not go to another machine without TLS, nor into an address")
    func withoutTLS() async throws {
        let pair = try await MirrorPair()
        let plain = try pair.lethe("fetch", "http://models.example", "--quiet")
        #expect(plain.status == 5 && plain.errors.contains("without TLS"))
        let address = "https://\(pair.token)@models.example"
        let written = try pair.lethe("remote", "add", "far", address)
        #expect(written.status == 5 && written.errors.contains("may not have"))
        #expect(try pair.here.open().remotes().remotes.isEmpty)
    }

    @Test("A token that is taken away ends what it began, and others cannot go on with it")
    func takenAway() async throws {
        let pair = try await MirrorPair()
        let other = try pair.there.token("other", scopes: [.mirror, .publish])
        let begun = try pair.served.ask(
            "POST", "/exchanges", pair.token, "{\"direction\":\"send\"}")
        #expect(begun.status == 201 && begun.head.contains("/api/v1/exchanges/x-"))
        let output = "/exchanges/\(begun.id)/output?offset=0"
        #expect(try pair.served.ask("GET", output, other).status == 404)
        let heard = try pair.served.ask("GET", output, pair.token)
        #expect(heard.status == 200 && heard.body.first == UInt8(ascii: "h"))
        try pair.there.open().removeToken(named: "mirror")
        #expect(try pair.served.ask("GET", output, pair.token).status == 401)
    }

    @Test("Pieces that do not follow are refused, repeated ones count once, and a crowd is told")
    func pieces() async throws {
        let pair = try await MirrorPair()
        func begin() throws -> Answer {
            try pair.served.ask("POST", "/exchanges", pair.token, "{\"direction\":\"send\"}")
        }
        let id = try begin().id
        let input = "/exchanges/\(id)/input?offset="
        #expect(try pair.served.ask("PUT", input + "7", pair.token, "x").status == 409)
        for text in ["", "-1", "x", "1e3", String(repeating: "9", count: 16)] {
            #expect(try pair.served.ask("PUT", input + text, pair.token, "x").status == 422)
        }
        let first = try pair.served.ask("PUT", input + "0", pair.token, "hxxx")
        #expect(first.status == 204 && first.head.contains("upload-offset: 4"))
        let again = try pair.served.ask("PUT", input + "0", pair.token, "hxxx")
        #expect(again.status == 204 && again.head.contains("upload-offset: 4"))
        let codes = try (0..<4).map { _ in try begin().status }
        #expect(codes == [201, 201, 201, 429])
        #expect(try pair.served.ask("DELETE", "/exchanges/\(id)", pair.token).status == 204)
        #expect(try begin().status == 201)
        for body in ["", "{}", "{\"direction\":\"both\"}", "{\"direction\":\"send\",\"x\":1}"] {
            let odd = try pair.served.ask("POST", "/exchanges", pair.token, body)
            #expect((400..<500).contains(odd.status) && odd.status != 429, "\(body)")
        }
    }

    @Test("A frame without an end is answered with an error that names no folder of the machine")
    func longFrame() async throws {
        let pair = try await MirrorPair()
        let begun = try pair.served.ask(
            "POST", "/exchanges", pair.token, "{\"direction\":\"receive\"}")
        let file = pair.here.outside.appending(path: "frame")
        try Data([0x68, 0xFF, 0xFF, 0xFF, 0xFF] + Array("{}".utf8)).write(to: file)
        let put = try pair.served.ask(
            "PUT", "/exchanges/\(begun.id)/input?offset=0", pair.token, "@\(file.path)")
        #expect(put.status == 204)
        var heard = Data()
        var isOver = false
        while !isOver {
            let answer = try pair.served.ask(
                "GET", "/exchanges/\(begun.id)/output?offset=\(heard.count)", pair.token)
            try #require(answer.status == 200)
            heard += answer.body
            isOver = answer.head.contains("exchange-over: true")
        }
        let said = String(decoding: heard, as: UTF8.self)
        #expect(said.contains("does not speak as Lethe does"))
        #expect(!said.contains(pair.there.root.path))
    }

    @Test("What stands in the way there is told without its folders")
    func withoutKeys() async throws {
        let here = try await TinyRegistry.ready()
        let there = try here.cloned()
        let token = try there.token("mirror", scopes: [.mirror, .publish])
        let served = try Served(there, "--keys", there.folder("no-keys").path)
        let pushed = try MirrorPair.lethe(["push", served.url, "--quiet"], here, token: token)
        #expect(pushed.status != 0 && pushed.errors.contains("the keys"), "\(pushed.errors)")
        #expect(!pushed.errors.contains(there.root.deletingLastPathComponent().path))
    }

    @Test("A flipped bit at the server is found by a fetch and an audit, and nothing of it stays")
    func poisoned() async throws {
        let pair = try await MirrorPair()
        try await pair.there.publish(
            pair.there.otherModelFolder, as: "cats", in: pair.there.open())
        let new = pair.there.objects().subtracting(pair.here.objects()).sorted()
        try pair.there.flip(try #require(new.first { pair.there.object($0).count > 8 }))
        let fetched = try pair.lethe("fetch", pair.served.url, "--quiet")
        #expect(fetched.status == 4, "\(fetched.errors)\(fetched.output)")
        #expect(try pair.here.open().models() == ["faces"] && pair.here.check().isClean)
        let audit = try pair.lethe("audit", "--remote", pair.served.url)
        #expect(audit.status == 4 && audit.output.contains("remote-poisoned"), "\(audit.output)")
    }

    @Test("Who pushes other bytes than their digest is refused, and nothing of it stays")
    func poisonedPush() async throws {
        let pair = try await MirrorPair()
        let before = pair.here.objects()
        try await pair.here.publish(pair.here.otherModelFolder, as: "cats", in: pair.here.open())
        let new = pair.here.objects().subtracting(before).sorted()
        let flipped = try #require(new.first { pair.here.object($0).count > 8 })
        try pair.here.flip(flipped)
        let pushed = try pair.lethe("push", pair.served.url, "--quiet")
        #expect(pushed.status == 4, "\(pushed.errors)\(pushed.output)")
        #expect(try pair.there.open().models() == ["faces"] && pair.there.check().isClean)
        #expect(!pair.there.objects().contains(flipped))
    }

    @Test(
        "A server behind which something else speaks is told from a registry",
        arguments: ["head -c 3000000 /dev/zero | tr '\\0' '\\377'", "true", "echo h", "yes"])
    func otherProgram(_ line: String) async throws {
        let here = try await TinyRegistry.ready()
        let token = try here.token("mirror", scopes: [.mirror, .publish])
        let program = here.folder("other-lethe")
        try Data("#!/bin/sh\n\(line)\n".utf8).write(to: program)
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o755], ofItemAtPath: program.path)
        let served = try Served(here, "--command", program.path)
        for verb in ["fetch", "push"] {
            let failed = try MirrorPair.lethe([verb, served.url, "--quiet"], here, token: token)
            #expect(failed.status == 1, "\(verb): \(failed.errors)")
            #expect(failed.errors.contains("what to do: "))
        }
        #expect(try here.check().isClean)
    }
}

extension TinyRegistry {
    /// The bytes of an object.
    fileprivate func object(_ name: String) -> [UInt8] {
        (try? [UInt8](Data(contentsOf: place(of: name)))) ?? []
    }

    /// Changes a bit of an object on the disk.
    fileprivate func flip(_ name: String) throws {
        let url = place(of: name)
        var bytes = try Data(contentsOf: url)
        bytes[4] ^= 1
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: url.path)
        try bytes.write(to: url)
    }

    private func place(of name: String) -> URL {
        root.appending(path: "objects/sha256/\(name.prefix(2))/\(name.dropFirst(2))")
    }
}
