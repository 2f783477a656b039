import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("lethe --remote")
struct RemoteTests {
    private func remote(
        _ served: Served, _ token: String?, _ arguments: String..., in folder: URL
    ) throws -> Program {
        var environment: [String: String] = [:]
        environment["LETHE_TOKEN"] = token
        return try Program.run(
            Served.lethe, ["--remote", served.url] + arguments, in: folder,
            environment: environment)
    }

    @Test("It writes what the command at the machine writes, and ends as that ends")
    func same() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token("all", scopes: [.admin])
        let served = try Served(tiny)
        let request = try #require(
            try tiny.open().resolve(Revision("faces")).manifest.requests.first)
        for command in [
            ["log"], ["log", "faces", "--json"], ["show", "faces@v3"], ["show", "faces", "--json"],
            ["trace", request], ["aliases", "faces"], ["requests"], ["log", "nobody"],
            ["show", "faces@v9", "--json"],
        ] {
            let local = try Program.run(
                Served.lethe, command + ["--registry", tiny.root.path], in: tiny.outside)
            let far = try Program.run(
                Served.lethe, ["--remote=\(served.url)"] + command, in: tiny.outside,
                environment: ["LETHE_TOKEN": token])
            #expect(far.output == local.output && far.status == local.status, "\(command)")
            #expect(far.errors == local.errors, "\(command)")
        }
        let stranger = try remote(served, nil, "log", in: tiny.outside)
        #expect(stranger.status == 5)
        let plain = try Program.run(
            Served.lethe, ["--remote", "http://models.example", "log"], in: tiny.outside,
            environment: ["LETHE_TOKEN": token])
        #expect(plain.status == 5 && plain.errors.contains("without TLS"))
    }

    @Test("A model is published, forgets, is certified and is pulled through a server")
    func whole() async throws {
        let tiny = try TinyRegistry()
        _ = try await tiny.addDataset(in: tiny.open())
        let token = try tiny.token("all", scopes: [.admin])
        let served = try Served(jobs: tiny)
        let published = try remote(
            served, token, "publish", "faces", tiny.modelFolder.path, "--json", in: tiny.outside)
        #expect(published.status == 0 && published.output.contains("faces@v1"))
        let forgotten = try remote(
            served, token, "forget", "faces", "--class", "1", "--dataset", "people", "--recipe",
            "strong", "--json", in: tiny.outside)
        #expect(forgotten.status == 0 && forgotten.output.contains("faces@v2"))
        #expect(forgotten.errors.contains("{\"done\":1,\"figures\":{\"forgotten\":0.5}"))
        let again = try remote(
            served, token, "forget", "faces", "--class", "1", "--dataset", "people",
            in: tiny.outside)
        #expect(again.status == 2 && again.errors.hasPrefix("error: "))
        let failed = try remote(
            served, token, "verify", "faces", "--split", "bad", in: tiny.outside)
        #expect(failed.status == 3 && failed.output == "in words\n")
        #expect(try remote(served, token, "certify", "faces", in: tiny.outside).status == 0)
        #expect(
            try remote(served, token, "jobs", in: tiny.outside).output
                .split(separator: "\n").count == 5)
    }

    @Test("What is pulled is what the machine would have given, checked against trusted keys")
    func pull() async throws {
        let tiny = try await TinyRegistry.certified()
        let token = try tiny.token()
        let served = try Served(tiny)
        let keys = tiny.root.appending(path: "keys/allowed_signers").path
        let near = tiny.outside.appending(path: "near")
        let far = tiny.outside.appending(path: "far")
        _ = try tiny.open().pull(
            Revision("faces"), to: near, allowingUncertified: false, progress: { _ in })
        let pulled = try remote(
            served, token, "pull", "faces", far.path, "--trusted", keys, in: tiny.outside)
        #expect(pulled.status == 0, "\(pulled.errors)")
        #expect(pulled.output.hasPrefix("Pulled faces@v3 to \(far.path): "))
        let names = try FileManager.default.contentsOfDirectory(atPath: near.path).sorted()
        #expect(try FileManager.default.contentsOfDirectory(atPath: far.path).sorted() == names)
        for name in names {
            #expect(
                try Data(contentsOf: near.appending(path: name))
                    == Data(contentsOf: far.appending(path: name)), "\(name)")
        }
        let old = tiny.outside.appending(path: "old")
        let revoked = try remote(served, token, "pull", "faces@v1", old.path, in: tiny.outside)
        #expect(revoked.status == 5 && !FileManager.default.fileExists(atPath: old.path))
    }

    @Test("A server that is not there, or says nothing, is an error with a remedy, not a long wait")
    func silence() throws {
        let folder = try TemporaryFolder()
        let silent = try LoopbackPort()
        let waited = try Program.run(
            Served.lethe,
            ["--remote", "http://127.0.0.1:\(silent.port)", "log", "--idle-seconds", "1"],
            in: folder.url)
        #expect(waited.status == 1)
        #expect(waited.errors.contains("said nothing for 1 seconds"))
        #expect(waited.errors.contains("what to do: "))
        let nobody = try Program.run(
            Served.lethe, ["--remote", "http://127.0.0.1:1", "log", "--json"], in: folder.url)
        #expect(nobody.status == 1 && nobody.errors.contains("\"code\":\"io\""))
    }

    @Test(
        "A poisoned server writes no file outside of the folder, and no other bytes into it",
        arguments: [
            ("../faces.txt", 1), ("a/b", 1), ("a/\u{301}b", 1), ("..", 1), (".hidden", 1), ("", 1),
            ("/tmp/faces.txt", 1), ("model.safetensors", 4),
        ])
    func poisoned(path: String, exitCode: Int32) throws {
        let folder = try TemporaryFolder()
        let server = try PoisonedServer(naming: path, digest: "\(Digest(hashing: []))")
        let pulled = try Program.run(
            Served.lethe, ["--remote", server.url, "pull", "faces@v1", "mine"], in: folder.url)
        #expect(pulled.status == exitCode, "\(pulled.errors)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test("No message quotes a token, not even one that no header can hold")
    func secrets() throws {
        let folder = try TemporaryFolder()
        for (address, token) in [
            ("http://127.0.0.1:1", "secret\r\nX-Other: 1"), ("http://127.0.0.1:1", "secret"),
            ("http://me:secret@127.0.0.1:1", nil), ("https://127.0.0.1:1", "secret"),
        ] {
            var environment: [String: String] = [:]
            environment["LETHE_TOKEN"] = token
            let failed = try Program.run(
                Served.lethe, ["--remote", address, "log"], in: folder.url,
                environment: environment)
            #expect(failed.status != 0 && !failed.errors.isEmpty)
            #expect(!failed.errors.contains("secret"))
        }
    }

    @Test("A server that is started again is waited for, and its job is done once")
    func restarted() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("all", scopes: [.admin])
        try tiny.hold()
        let first = try Served(jobs: tiny)
        let port = first.port
        let forgetting = Process()
        forgetting.executableURL = Served.lethe
        forgetting.arguments = [
            "--remote", first.url, "forget", "faces", "--class", "1", "--dataset", "people",
            "--recipe", "strong", "--json",
        ]
        forgetting.environment = ["LETHE_TOKEN": token]
        let output = Pipe()
        forgetting.standardOutput = output
        forgetting.standardError = FileHandle.nullDevice
        try forgetting.run()
        while try first.ask("GET", "/jobs", token).json["jobs"]?.arrayValue?.isEmpty != false {
            try #require(forgetting.isRunning)
        }
        first.kill()
        let second = try Served(jobs: tiny, "--port", "\(port)")
        try tiny.release()
        let written = try output.fileHandleForReading.readToEnd() ?? Data()
        forgetting.waitUntilExit()
        #expect(forgetting.terminationStatus == 0)
        #expect(String(decoding: written, as: UTF8.self).contains("faces@v2"))
        #expect(try second.ask("GET", "/jobs", token).json["jobs"]?.arrayValue?.count == 1)
    }
}
