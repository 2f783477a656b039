import Foundation
import Glibc
import LetheRecords
import Synchronization
import TestSupport
import Testing

/// Clients that pull one file again and again from whichever server there is.
private final class Load: Sendable {
    private struct State {
        var port = 0
        var wholes = 0
        var wrongs = 0
        var isOver = false
    }

    private let state = Mutex(State())
    private let threads = DispatchGroup()

    init(_ path: String, expecting bytes: Data, in folder: URL, clients: Int) {
        for _ in 0..<clients {
            threads.enter()
            Thread.detachNewThread { [self] in
                pull(path, bytes, folder)
                threads.leave()
            }
        }
    }

    private func pull(_ path: String, _ bytes: Data, _ folder: URL) {
        let file = folder.appending(path: "pulled-\(UUID().uuidString)")
        while case let now = state.withLock({ $0 }), !now.isOver {
            let answer = try? Program.run(
                "curl",
                ["-sf", "-m", "60", "-o", file.path, "http://127.0.0.1:\(now.port)\(path)"],
                in: folder)
            // A server that dies ends an answer; what curl calls whole must be whole.
            guard answer?.status == 0 else { continue }
            let isRight = (try? Data(contentsOf: file)) == bytes
            state.withLock { state in
                if isRight { state.wholes += 1 } else { state.wrongs += 1 }
            }
        }
    }

    /// Where the server is now.
    func ask(_ serving: ServedScene) { state.withLock { $0.port = serving.port } }

    /// How many answers were whole so far.
    var wholes: Int { state.withLock { $0.wholes } }

    /// Ends all clients; gives how many answers were whole for curl and had other bytes.
    func end() -> Int {
        state.withLock { $0.isOver = true }
        threads.wait()
        return state.withLock { $0.wrongs }
    }
}

@Suite(
    "A server that dies under load, with jobs of the real engine",
    .enabled(if: Program.has("curl"), "curl is not installed"))
struct RestartUnderLoadTests {
    /// Those of the scene's long recipe: enough to be in the middle of it three times.
    private static let stepCount = 1500

    private let scene: Scene

    init() throws {
        scene = try Scene()
        try scene.prepare()
        // A server takes recipes and policies of its registry only.
        for (folder, name) in [("recipes", "long"), ("policies", "lax")] {
            try FileManager.default.copyItem(
                atPath: scene.path(name),
                toPath: scene.root.appending(path: "\(folder)/\(name).json").path)
        }
    }

    private func ask(
        _ serving: ServedScene, _ path: String, _ body: String? = nil
    ) throws -> JSONValue {
        let data = body.map { ["-d", $0] } ?? []
        let answer = try Program.run(
            "curl",
            [
                "-sS", "-m", "120", "-H", "Authorization: Bearer \(serving.token)",
                "http://127.0.0.1:\(serving.port)/api/v1\(path)",
            ] + data, in: scene.temporary.url)
        return try StrictJSON.parse(Array(answer.output.utf8))
    }

    /// The steps of the training that a job has told, in order.
    private func steps(_ id: String) throws -> [Int] {
        let url = scene.root.appending(path: "server/jobs/\(id).events")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
            .compactMap { try? StrictJSON.parse(Array($0.utf8)) }
            .compactMap { event in
                let progress = event["progress"] ?? event["data"] ?? event
                guard progress["total"]?.integerValue == Self.stepCount else { return nil }
                return progress["done"]?.integerValue
            }
    }

    /// Kills the command of the job that runs, as a power cut does; the server is dead already.
    private func killCommand(of id: String) throws {
        let url = scene.root.appending(path: "server/jobs/\(id).json")
        let job = try StrictJSON.parse(Array(Data(contentsOf: url)))
        let process = try #require(job["process"]?.integerValue)
        #expect(Glibc.kill(Int32(process), SIGKILL) == 0)
    }

    @Test("Jobs go on where they were, and what was acknowledged is there")
    func restarts() throws {
        let uninterrupted = try uninterruptedWeights()
        let published = try Data(contentsOf: scene.model.appending(path: "model.safetensors"))
        let load = Load(
            "/tiny/resolve/v1/model.safetensors", expecting: published, in: scene.temporary.url,
            clients: 4)
        let first = try ServedScene(scene)
        load.ask(first)
        let order = #"{"classes":[2],"dataset":"images","recipe":"long","threads":1}"#
        let running = try #require(
            try ask(first, "/models/tiny/forget", order)["id"]?.stringValue)
        let later = #"{"revision":"v1","dataset":"images","policy":"lax"}"#
        let waiting = try #require(
            try ask(first, "/models/tiny/verify", later)["id"]?.stringValue)
        try wait { try steps(running).contains { $0 > 5 } && load.wholes > 4 }
        // A server that is told to stop tells the command, which keeps what it has.
        first.stop(SIGTERM)
        let kept = try #require(try steps(running).max())

        let second = try ServedScene(scene)
        load.ask(second)
        let before = try steps(running).count
        try wait { try steps(running).dropFirst(before).contains { $0 > kept } }
        #expect(try #require(try steps(running).dropFirst(before).min()) >= kept)
        second.stop(SIGKILL)
        try killCommand(of: running)

        let third = try ServedScene(scene)
        load.ask(third)
        let again = try steps(running).count
        let wholes = load.wholes
        try wait {
            try ask(third, "/jobs/\(waiting)")["ended"] != .null && load.wholes > wholes
        }
        #expect(try #require(try steps(running).dropFirst(again).min()) >= kept)
        #expect(load.end() == 0)
        let job = try ask(third, "/jobs/\(running)")
        #expect(job["state"] == "done" && job["attempts"] == 3, "\(job)")
        #expect(try ask(third, "/jobs/\(waiting)")["state"] == "done")
        #expect(try weights(in: scene.root) == uninterrupted)
        third.stop(SIGTERM)
        #expect(try scene.json("fsck")["clean"] == true)
    }

    /// What the same run gives in a copy of the registry that nobody interrupts.
    private func uninterruptedWeights() throws -> Data {
        let copy = scene.temporary.url.appending(path: "copy")
        try FileManager.default.copyItem(at: scene.root, to: copy)
        let done = try scene.run(
            "forget", "tiny", "--registry", copy.path, "--dataset", "images", "--class", "2",
            "--recipe", "long", "--threads", "1", "--quiet")
        try #require(done.status == 0, "\(done.errors)")
        return try weights(in: copy)
    }

    /// The weights of `tiny@v2`.
    private func weights(in registry: URL) throws -> Data {
        let target = scene.temporary.url.appending(path: "weights-\(UUID().uuidString)")
        let pulled = try scene.run(
            "pull", "tiny@v2", target.path, "--uncertified", "--registry", registry.path,
            "--quiet")
        try #require(pulled.status == 0, "\(pulled.errors)")
        return try Data(contentsOf: target.appending(path: "model.safetensors"))
    }
}
