import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Jobs and servers that die")
struct JobRestartTests {
    private static let order = #"{"classes":[1],"dataset":"people","recipe":"strong"}"#

    /// Listens until the command has told a step; then it is in its middle.
    private func waitForStep(_ served: Served, _ id: String, _ token: String) throws {
        let connection = try RawConnection(served.port)
        connection.say(
            "GET /api/v1/jobs/\(id)/events HTTP/1.1\r\nHost: x\r\n"
                + "Authorization: Bearer \(token)\r\n\r\n")
        var heard = ""
        while !heard.contains("progress") {
            let more = connection.hear()
            try #require(!more.isEmpty)
            heard += String(decoding: more, as: UTF8.self)
        }
    }

    @Test("A killed server's job goes on, and the next server waits for its answer")
    func commandOutlivesTheServer() async throws {
        let tiny = try await TinyRegistry.ready()
        try tiny.hold()
        let token = try tiny.token("staff", scopes: [.forget, .certify])
        let first = try Served(jobs: tiny)
        let running = try first.ask("POST", "/models/faces/forget", token, Self.order)
        let waiting = try first.ask("POST", "/models/faces/certify", token, "{}")
        try waitForStep(first, running.id, token)
        first.kill()

        let second = try Served(jobs: tiny)
        let state = try second.ask("GET", "/jobs/\(running.id)", token).json
        #expect(state["state"] == "running" && state["attempts"] == 1)
        try tiny.release()
        _ = try second.listen(waiting.id, token)
        let jobs = try second.ask("GET", "/jobs", token).json["jobs"]?.arrayValue ?? []
        #expect(jobs.map { $0["state"] } == ["done", "done"])
        #expect(jobs.map { $0["attempts"] } == [1, 1])
        #expect(try tiny.open().versions(of: "faces").map(\.name).last == "faces@v3")
    }

    @Test("A job whose command died with the server is started again, once")
    func commandDiesWithTheServer() async throws {
        let tiny = try await TinyRegistry.ready()
        try tiny.hold()
        let token = try tiny.token("staff", scopes: [.forget])
        let first = try Served(jobs: tiny)
        let asked = try first.ask("POST", "/models/faces/forget", token, Self.order)
        try waitForStep(first, asked.id, token)
        first.kill()
        let killed = try Program.run(
            "pkill", ["-9", "-f", "--", "--registry \(tiny.root.path)"], in: tiny.outside)
        #expect(killed.status == 0)
        try tiny.release()

        let second = try Served(jobs: tiny)
        #expect(try second.listen(asked.id, token).contains("\"state\":\"done\""))
        let job = try second.ask("GET", "/jobs/\(asked.id)", token).json
        #expect(job["attempts"] == 2 && job["exitCode"] == 0)
        #expect(try tiny.open().versions(of: "faces").count == 2)
    }

    @Test("A finished verb whose answer was lost is not done twice")
    func answerLost() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("staff", scopes: [.forget])
        let first = try Served(jobs: tiny)
        let asked = try first.ask("POST", "/models/faces/forget", token, Self.order)
        _ = try first.listen(asked.id, token)
        first.kill()
        // The disk after a power cut: the version is durable, what the job wrote last is not.
        let folder = tiny.root.appending(path: "server/jobs")
        try Data().write(to: folder.appending(path: "\(asked.id).answer"))
        let url = folder.appending(path: "\(asked.id).json")
        let record = String(decoding: try Data(contentsOf: url), as: UTF8.self)
            .replacing("\"state\":\"done\"", with: "\"state\":\"running\"")
            .replacing(/"ended":"[^"]*",/, with: "").replacing(/"exitCode":0,/, with: "")
        try Data(record.utf8).write(to: url)

        let second = try Served(jobs: tiny)
        while try second.ask("GET", "/jobs/\(asked.id)", token).json["ended"] == .null {}
        let answer = try second.ask("GET", "/jobs/\(asked.id)/answer", token)
        #expect(answer.status == 200 && answer.json["version"] == "faces@v2")
        #expect(try tiny.open().versions(of: "faces").count == 2)
    }

    @Test("A server that is told to stop lets a job keep what it has, and the next one goes on")
    func stopped() async throws {
        let tiny = try await TinyRegistry.ready()
        try tiny.hold()
        let token = try tiny.token("staff", scopes: [.forget])
        let first = try Served(jobs: tiny, "--shutdown-seconds", "10")
        let asked = try first.ask("POST", "/models/faces/forget", token, Self.order)
        try waitForStep(first, asked.id, token)
        #expect(first.end() == 0)
        try tiny.release()
        let second = try Served(jobs: tiny)
        #expect(try second.listen(asked.id, token).contains("\"state\":\"done\""))
        let other = try Served(jobs: tiny)
        let refused = try other.ask("POST", "/models/faces/forget", token, Self.order)
        #expect(refused.status == 503, "one server at a time has the jobs of a registry")
    }
}
