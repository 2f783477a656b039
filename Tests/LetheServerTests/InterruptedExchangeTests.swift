import Foundation
import Glibc
import LetheRecords
import LetheRegistry
import LetheStorage
import TestSupport
import Testing

@Suite(
    "A push or fetch through a server that is interrupted", .serialized,
    .enabled(if: Program.has("git"), "needs git"))
struct InterruptedExchangeTests {
    private static let largeSizeBytes = 24 << 20

    @Test("Connections that are cut in the middle of a request cost nothing but time")
    func cutWires() async throws {
        let pair = try await MirrorPair()
        try large(pair.here, as: "large")
        try await pair.here.publish(pair.here.folder("large"), as: "large", in: pair.here.open())
        let wire = try FragileWire(to: pair.served.port, cutAfterBytes: 5 << 19)
        defer { wire.end() }
        let pushed = try pair.lethe("push", wire.url, "--quiet")
        #expect(pushed.status == 0, "\(pushed.errors)\(pushed.output)")
        let pushCuts = wire.cutCount
        #expect(pushCuts > 3)
        #expect(try pair.there.check().isClean && pair.there.open().models().contains("large"))

        let mirror = TinyRegistry(root: pair.here.folder("new"), outside: pair.here.outside)
        let cloned = try pair.lethe(
            "clone", wire.url, mirror.root.path, "--keys", pair.here.folder("new-keys").path,
            "--quiet")
        #expect(cloned.status == 0, "\(cloned.errors)\(cloned.output)")
        #expect(wire.cutCount > pushCuts + 3)
        #expect(try mirror.check().isClean && mirror.objects() == pair.there.objects())
    }

    @Test("A push that is killed in the middle goes on with what is missing")
    func killed() async throws {
        let pair = try await MirrorPair()
        for number in 0..<4 {
            try large(pair.here, as: "part\(number)", shift: Float(number))
            try await pair.here.publish(
                pair.here.folder("part\(number)"), as: "large", in: pair.here.open())
        }
        let before = pair.there.objects()
        // More than 64 MiB get through, after which what has arrived is kept, and never all of it.
        let wire = try FragileWire(
            to: pair.served.port, cutAfterBytes: 9 << 19, connections: 21)
        defer { wire.end() }
        let push = try start(["push", wire.url, "large", "--quiet"], pair)
        while wire.askedCount <= 21 { try #require(push.isRunning) }
        kill(push.processIdentifier, SIGKILL)
        push.waitUntilExit()
        let arrived = pair.there.objects().subtracting(before)
        #expect(push.terminationReason == .uncaughtSignal, "it was done before it was killed")
        #expect(try !pair.there.open().models().contains("large") && !arrived.isEmpty)
        let missing = pair.here.objects().subtracting(pair.there.objects())
        let again = try pair.lethe("push", pair.served.url, "large", "--quiet", "--json")
        #expect(again.status == 0, "\(again.errors)\(again.output)")
        let sent = try StrictJSON.parse(Array(again.output.utf8))["objects"]?.integerValue
        #expect(sent == missing.count, "what had arrived does not travel again")
        #expect(try pair.there.open().versions(of: "large").count == 4)
        #expect(try pair.there.check().isClean)
    }

    @Test("A server that is killed in the middle is an error with a remedy; the next one goes on")
    func killedServer() async throws {
        let tiny = try await TinyRegistry.ready()
        let there = try tiny.cloned()
        let token = try there.token("mirror", scopes: [.mirror, .publish])
        let arguments = ["--keys", there.keysFolder.path]
        let first = try Served(there, with: arguments)
        try large(tiny, as: "large")
        try await tiny.publish(tiny.folder("large"), as: "large", in: tiny.open())
        let push = Process()
        push.executableURL = Served.lethe
        push.arguments = ["push", first.url, "--quiet"]
        push.environment = [
            "LETHE_REGISTRY": tiny.root.path, "LETHE_KEYS": tiny.keysFolder.path,
            "LETHE_TOKEN": token, "PATH": "/usr/bin:/bin", "HOME": tiny.outside.path,
        ]
        let errors = Pipe()
        push.standardError = errors
        push.standardOutput = FileHandle.nullDevice
        try push.run()
        while try first.entries(with: "own-exchange-input").count < 4 {
            try #require(push.isRunning)
        }
        first.kill()
        let second = try Served(there, with: arguments + ["--port", "\(first.port)"])
        let said = String(
            decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        push.waitUntilExit()
        #expect(push.terminationStatus == 1)
        #expect(said.contains("has ended the exchange") && said.contains("run the same command"))
        #expect(try there.check().isClean && tiny.check().isClean)
        let again = try MirrorPair.lethe(["push", second.url, "--quiet"], tiny, token: token)
        #expect(again.status == 0, "\(again.errors)\(again.output)")
        #expect(try there.open().models().contains("large") && there.check().isClean)
    }

    @Test("Ctrl-C ends both programs, and says that it was that")
    func controlC() async throws {
        let tiny = try await TinyRegistry.ready()
        let silent = try LoopbackPort()
        let push = try Program.run(
            "timeout",
            [
                "--preserve-status", "-s", "INT", "5", Served.lethe.path, "push",
                "http://127.0.0.1:\(silent.port)", "--quiet",
            ], in: tiny.outside,
            environment: [
                "LETHE_REGISTRY": tiny.root.path, "LETHE_KEYS": tiny.keysFolder.path,
                "LETHE_TOKEN": "lethe_x",
            ])
        #expect(push.status == 130, "\(push.errors)")
        #expect(!push.errors.contains("lethe_x"))
    }

    @Test("A server that is told to stop does not wait for an exchange that nobody ends")
    func drained() async throws {
        let pair = try await MirrorPair()
        let begun = try pair.served.ask(
            "POST", "/exchanges", pair.token, "{\"direction\":\"receive\"}")
        #expect(begun.status == 201)
        #expect(pair.served.end() == 0)
        #expect(try pair.served.logged().contains("exchange ended"))
    }

    @Test("An exchange of which nobody hears is ended")
    func silent() async throws {
        let pair = try await MirrorPair(["--idle-seconds", "1"])
        let begun = try pair.served.ask(
            "POST", "/exchanges", pair.token, "{\"direction\":\"receive\"}")
        #expect(begun.status == 201)
        while try pair.served.entries(with: "exchange ended").isEmpty {}
        let gone = try pair.served.ask(
            "GET", "/exchanges/\(begun.id)/output?offset=0", pair.token)
        #expect(gone.status == 404 && gone.code == "not-found")
    }

    private func large(_ tiny: TinyRegistry, as name: String, shift: Float = 0) throws {
        try TinyModel.write(
            to: tiny.folder(name), shift: shift,
            paddingSizeBytes: Self.largeSizeBytes + 4 * Int(shift))
    }

    private func start(_ arguments: [String], _ pair: MirrorPair) throws -> Process {
        let process = Process()
        process.executableURL = Served.lethe
        process.arguments = arguments
        process.environment = [
            "LETHE_REGISTRY": pair.here.root.path, "LETHE_KEYS": pair.here.keysFolder.path,
            "LETHE_TOKEN": pair.token, "PATH": "/usr/bin:/bin", "HOME": pair.here.outside.path,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }
}
