import Foundation
import LetheRecords
import TestSupport
import Testing

@Suite("A request to erase, from the letter to the closed file, through the command")
struct RequestLifeJobTests {
    private let scene: Scene
    private let common: [String]

    init() throws {
        scene = try Scene()
        try scene.prepare()
        common = ["--policy", scene.path("lax"), "--quiet"]
    }

    private func path(_ name: String) -> String { scene.temporary.url.appending(path: name).path }

    private func receive(_ label: String, _ reference: String) throws -> String {
        let answer = try scene.json([
            "requests", "receive", "tiny", "--dataset", "images", "--class", label, "--basis",
            "consent-withdrawn", "--reference", reference,
        ])
        return try #require(answer["request"]?["id"]?.stringValue)
    }

    /// Two classes that the untrained model never answers: no certificate depends on luck then.
    private func unknownClasses() throws -> [String] {
        let report = try scene.json(["verify", "tiny", "--dataset", "images"] + common)
        return (report["classes"]?.arrayValue ?? [])
            .filter { $0["correctCount"]?.integerValue == 0 }
            .compactMap { $0["label"]?.integerValue }.map(String.init)
    }

    private func steps(_ settled: JSONValue) -> [String] {
        (settled["written"]?.arrayValue ?? []).compactMap { $0["step"]?.stringValue }
    }

    @Test("Two requests share one run, reach every copy, and close as two")
    func life() throws {
        let labels = try unknownClasses()
        try #require(labels.count >= 2)
        let address = try scene.run(
            "requests", "receive", "tiny", "--dataset", "images", "--class", labels[0],
            "--basis", "objection", "--reference", "somebody@example.org")
        #expect(address.status == 2 && address.errors.contains("e-mail"))
        let ids = [try receive(labels[0], "case 1/2026"), try receive(labels[1], "case 2/2026")]
        for id in ids {
            #expect(try scene.run("requests", "run", id).status == 5)
            _ = try scene.json("requests", "identify", id)
            _ = try scene.json("requests", "accept", id)
        }
        #expect(try scene.run("requests", "--due").output.contains("days left"))
        _ = try scene.json("pull", "tiny@v1", path("old"), "--uncertified", "--as", "web")
        let plan = try scene.json(["requests", "plan"] + ids)
        #expect(plan["recipients"]?.arrayValue?.count == 1)
        let version = try scene.json(
            ["requests", "run"] + ids + ["--recipe", scene.path("quick"), "--threads", "1"])
        #expect(version["version"]?.stringValue == "tiny@v2")
        #expect(version["manifest"]?["requests"]?.arrayValue?.count == 2)
        _ = try scene.json(["certify", "tiny"] + common)
        #expect(steps(try scene.json("requests", "settle")) == ["verified", "verified"])
        _ = try scene.json("yardstick", "tiny", "--quiet")
        _ = try scene.json(["purge", "--now"] + common)
        #expect(steps(try scene.json("requests", "settle")) == ["propagated", "propagated"])
        try prune()
        for id in ids {
            _ = try scene.json("requests", "notify", id)
            #expect(
                try scene.json("requests", "close", id)["state"]?.stringValue == "closed")
        }
        #expect(try scene.run("requests", "show", ids[0]).output.contains("nothing remains"))
        #expect(try scene.json("requests", "--due")["requests"]?.arrayValue?.isEmpty == true)
        #expect(try scene.json("fsck")["findings"]?.arrayValue?.isEmpty == true)
        #expect(try scene.run("audit").status == 0)
    }

    /// The consumer still has the old folder, and is known to.
    private func prune() throws {
        #expect(try scene.json("notices").arrayValue?.count == 1)
        let pruned = try scene.json("prune", "--revoked", path("old"), "--as", "web")
        #expect(pruned.arrayValue?.first?["removed"]?.arrayValue?.isEmpty == false)
        #expect(try scene.json("notices").arrayValue?.isEmpty == true)
    }
}
