import Foundation
import LetheRecords
import LetheRegistry
import TestSupport
import Testing

@Suite("Jobs")
struct JobTests {
    private static let order = #"{"classes":[1],"dataset":"people","recipe":"strong"}"#

    @Test("Forgetting and certifying are jobs that tell how far they are and what came of it")
    func life() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("staff", scopes: [.forget, .certify])
        let served = try Served(jobs: tiny)
        let asked = try served.ask("POST", "/models/faces/forget", token, Self.order)
        #expect(asked.status == 202 && asked.head.contains("location: /api/v1/jobs/\(asked.id)"))
        let heard = try served.listen(asked.id, token)
        #expect(heard.hasPrefix("id: 1\nevent: state\ndata: {\"state\":\"queued\""))
        #expect(heard.contains("event: progress\ndata: {\"done\":1,"))
        #expect(heard.hasSuffix("}\n\n") && heard.contains("\"state\":\"done\""))
        let first = try #require(heard.components(separatedBy: "\n\n").first)
        let rest = try served.listen(asked.id, token, after: 1)
        let odd = try served.ask(
            "GET", "/jobs/\(asked.id)/events", token, nil, ["Last-Event-ID: one"])
        #expect(odd.status == 422)
        #expect(heard == first + "\n\n" + rest)

        let answer = try served.ask("GET", "/jobs/\(asked.id)/answer", token)
        #expect(answer.json["version"]?.stringValue == "faces@v2")
        #expect(answer.head.contains("lethe-exit-code: 0"))
        let words = try served.ask(
            "GET", "/jobs/\(asked.id)/answer", token, nil, ["Accept: text/plain"])
        #expect(words.body == Data("in words\n".utf8))

        let certify = try served.ask("POST", "/models/faces/certify", token, "")
        _ = try served.listen(certify.id, token)
        #expect(try tiny.open().resolve(Revision("faces@certified")).name == "faces@v3")
        let verify = try served.ask("POST", "/models/faces/verify", token, #"{"split":"bad"}"#)
        _ = try served.listen(verify.id, token)
        let failed = try served.ask("GET", "/jobs/\(verify.id)", token)
        #expect(failed.json["state"] == "done" && failed.json["exitCode"] == 3)
        let jobs = try served.ask("GET", "/jobs", token).json["jobs"]?.arrayValue
        #expect(jobs?.map { $0["verb"] } == ["forget", "certify", "verify"])
        #expect(try served.logged().contains("\"event\":\"started\""))
    }

    @Test("The same key is the same job, and an error of the command is the job's")
    func replayed() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("staff", scopes: [.forget])
        let served = try Served(jobs: tiny)
        let key = ["Idempotency-Key: once"]
        let first = try served.ask("POST", "/models/faces/forget", token, Self.order, key)
        let again = try served.ask("POST", "/models/faces/forget", token, Self.order, key)
        #expect(first.status == 202 && again.status == 200 && first.id == again.id)
        let other = try served.ask(
            "POST", "/models/faces/forget", token, #"{"classes":[2],"dataset":"people"}"#, key)
        #expect(other.status == 422)
        _ = try served.listen(first.id, token)
        let twice = try served.ask("POST", "/models/faces/forget", token, Self.order)
        #expect(try served.listen(twice.id, token).contains("event: error"))
        let answer = try served.ask("GET", "/jobs/\(twice.id)/answer", token)
        #expect(answer.status == 422 && answer.code == "invalid-argument")
        #expect(try tiny.open().versions(of: "faces").count == 2)
    }

    @Test("What is not an order becomes none: no path, no option, no stranger's model")
    func refused() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("staff", scopes: [.forget, .certify], models: ["faces"])
        let served = try Served(jobs: tiny)
        for (verb, body) in [
            ("forget", "{}"), ("forget", "["), ("forget", "[1]"), ("forget", "null"),
            ("forget", #"{"classes":[1]}"#), ("forget", #"{"classes":[],"dataset":"people"}"#),
            ("forget", #"{"classes":[-1],"dataset":"people"}"#),
            ("forget", #"{"classes":["--help"],"dataset":"people"}"#),
            ("forget", #"{"classes":[1],"dataset":"--registry=/"}"#),
            ("forget", #"{"classes":[1],"dataset":"people","recipe":"/etc/passwd"}"#),
            ("forget", #"{"classes":[1],"dataset":"people","recipe":"../x.json"}"#),
            ("forget", #"{"classes":[1],"dataset":"people","keys":"/tmp"}"#),
            ("forget", #"{"classes":[1],"samples":["a"],"dataset":"people"}"#),
            ("forget", #"{"samples":["a\nb"],"dataset":"people"}"#),
            ("forget", #"{"classes":[1],"dataset":"people","seed":1.5}"#),
            ("forget", #"{"classes":[1],"dataset":"people","device":"cpu;ls"}"#),
            ("certify", #"{"revision":"v1"}"#), ("certify", #"{"tier":3}"#),
            ("verify", #"{"reference":"/models/x"}"#), ("verify", #"{"policy":"a/b"}"#),
            ("verify", String(repeating: "[", count: 100_000)),
        ] {
            let answer = try served.ask("POST", "/models/faces/\(verb)", token, body)
            #expect([400, 422].contains(answer.status), "\(body.prefix(80)): \(answer.status)")
        }
        let absent = try served.ask("POST", "/models/nobody/verify", token, "{}")
        let hidden = try served.ask("POST", "/models/cars/verify", token, "{}")
        #expect(absent.status == 404 && hidden.status == 404)
        let plan = #"{"classes":[1],"dataset":"people","plan":true}"#
        #expect(try served.ask("POST", "/models/faces/forget", token, plan).status == 403)
        let reference = #"{"reference":"cars@v1"}"#
        #expect(try served.ask("POST", "/models/faces/verify", token, reference).status == 404)
        let publish = try served.ask("POST", "/models/faces/publish", token, "{}")
        #expect(publish.status == 404, "who may not read a model hears that there is none")
        #expect(try served.ask("GET", "/jobs", token).json["jobs"] == [])
        let giant = tiny.outside.appending(path: "giant")
        try Data(repeating: UInt8(ascii: "["), count: 4 << 20).write(to: giant)
        #expect(
            try served.ask("POST", "/models/faces/verify", token, "@\(giant.path)").status != 202)
    }

    @Test("Jobs of a model are unknown to whoever may not ask for them; too many are refused")
    func strangers() async throws {
        let tiny = try await TinyRegistry.ready()
        try tiny.hold()
        let token = try tiny.token("staff", scopes: [.forget])
        let other = try tiny.token("other", scopes: [.forget, .read], models: ["cars"])
        let judge = try tiny.token("judge", scopes: [.certify])
        let served = try Served(jobs: tiny)
        let ids = try (1...9).map { _ in
            try served.ask("POST", "/models/faces/forget", token, Self.order)
        }
        #expect(ids.map(\.status) == [202, 202, 202, 202, 202, 202, 202, 202, 429])
        for stranger in [other, judge] {
            for path in ["", "/events", "/answer"] {
                let answer = try served.ask("GET", "/jobs/\(ids[0].id)\(path)", stranger)
                #expect(answer.status == 404)
            }
            #expect(try served.ask("DELETE", "/jobs/\(ids[0].id)", stranger).status == 404)
            #expect(try served.ask("GET", "/jobs", stranger).json["jobs"] == [])
        }
        #expect(try served.ask("GET", "/jobs/\(ids[1].id)/answer", token).status == 409)
        for id in ids.dropLast().map(\.id).reversed() {
            #expect(try served.ask("DELETE", "/jobs/\(id)", token).status == 200)
        }
        _ = try served.listen(ids[0].id, token)
        let states = try served.ask("GET", "/jobs", token).json["jobs"]?.arrayValue
        #expect(states?.allSatisfy { $0["state"] == "cancelled" } == true)
        #expect(try tiny.open().versions(of: "faces").count == 1)
    }

    @Test("What a job says of what is not there names no other model to a narrow token")
    func narrow() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("staff", scopes: [.forget, .read], models: ["cars"])
        let served = try Served(jobs: tiny)
        let asked = try served.ask("POST", "/models/cars/forget", token, Self.order)
        let heard = try served.listen(asked.id, token)
        let answer = try served.ask("GET", "/jobs/\(asked.id)/answer", token)
        #expect(heard.contains("event: error") && answer.code == "not-found")
        #expect(!(heard + answer.text).contains("faces"))
    }

    @Test("Names of samples are in no answer, and gone when the job is over")
    func samples() async throws {
        let tiny = try await TinyRegistry.ready()
        let token = try tiny.token("staff", scopes: [.forget])
        let served = try Served(jobs: tiny)
        let body = #"{"samples":["train/1/erika.jpg"],"dataset":"people"}"#
        let asked = try served.ask("POST", "/models/faces/forget", token, body)
        #expect(asked.status == 202 && asked.json["order"]?["samples"] == 1)
        _ = try served.listen(asked.id, token)
        let found = try Program.run(
            "grep", ["-r", "erika", tiny.root.path], in: tiny.outside)
        #expect(found.output.isEmpty)
        #expect(try !served.logged().contains("erika"))
    }
}
