import Foundation
import LetheRecords
import TestSupport
import Testing

@Suite("Requests by samples and by example images, through the command")
struct RequestTests {
    private let scene: Scene

    init() throws {
        scene = try Scene()
        try scene.prepare()
        let recipe = Recipe(
            name: "short", method: "random-label", description: "For tests.",
            parameters: .object([
                "epochCount": 1, "batchSize": 4, "learningRate": 0.001, "validationInterval": 3,
            ]))
        try Data(recipe.canonicalBytes()).write(to: URL(fileURLWithPath: scene.path("short")))
        let policy = Policy(
            name: "samples", description: "For tests.", errorBudget: 0.5,
            forgottenMarginAboveChance: 1, forgottenSampleMinimum: 1, retainedDropMaximum: 1,
            retainedDropUpperBoundMaximum: 1, worstClassDropMaximum: 1, worstClassSampleMinimum: 1,
            sampleExcessMaximum: 1, sampleExcessUpperBoundMaximum: 1,
            recipes: [RecipeRule(request: .samples, recipe: scene.path("short"))],
            // The scene has the same few pictures in both splits.
            testOverlapMaximum: 1)
        try Data(policy.canonicalBytes()).write(to: URL(fileURLWithPath: scene.path("samples")))
        try Data("train/class-0/0.png\ntrain:7\n".utf8)
            .write(to: scene.temporary.url.appending(path: "list.txt"))
    }

    @Test("Samples are planned for, forgotten and certified, and the certificate checks alone")
    func samples() throws {
        let common = [
            "tiny", "--samples", "list.txt", "--dataset", "images", "--policy",
            scene.path("samples"), "--threads", "1", "--quiet",
        ]
        let before = try scene.tips()
        let plan = try scene.json(["forget", "--plan"] + common)
        #expect(plan["method"]?.stringValue == "random-label")
        #expect(plan["gates"]?.arrayValue?.first?["gate"]?.stringValue?.hasPrefix("sample") == true)
        #expect(try scene.tips() == before)
        let version = try scene.json(["forget"] + common)
        #expect(version["version"]?.stringValue == "tiny@v2")
        let outcome = try scene.json([
            "certify", "tiny", "--policy", scene.path("samples"), "--threads", "1", "--quiet",
        ])
        let figure = outcome["report"]?["forgotten"]?.arrayValue?.first
        #expect(figure?["samples"]?["excess"] != nil)
        #expect(try scene.run("fsck", "--quiet").status == 0)
        let pulled = scene.temporary.url.appending(path: "pulled").path
        #expect(try scene.run("pull", "tiny", pulled, "--quiet").status == 0)
        let checked = try scene.run(
            "verify", "--certificate", pulled + "/lethe-certificate.json", "--files", pulled)
        #expect(checked.status == 0, "\(checked.errors)")
        #expect(checked.output.contains("excess"))
    }

    @Test("A list with a wrong line and a request named two ways end with the right codes")
    func wrongRequests() throws {
        try Data("train:7\ntest:7\n".utf8)
            .write(to: scene.temporary.url.appending(path: "wrong.txt"))
        let wrong = try scene.run(
            "forget", "tiny", "--samples", "wrong.txt", "--dataset", "images", "--recipe",
            scene.path("short"), "--quiet")
        #expect(wrong.status == 2 && wrong.errors.contains("Line 2"), "\(wrong.errors)")
        let both = try scene.run(
            "forget", "tiny", "--samples", "list.txt", "--class", "1", "--dataset", "images")
        #expect(both.status == 2)
        #expect(try scene.run("forget", "tiny", "--dataset", "images").status == 2)
    }

    @Test("Example images forget nothing until the list that was shown is confirmed")
    func images() throws {
        let folder = scene.temporary.url.appending(path: "examples")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(
            at: scene.images.appending(path: "train/class-2/0.png"),
            to: folder.appending(path: "somebody.png"))
        let command = [
            "forget", "tiny", "--images", "examples", "--nearest", "1", "--as", "class",
            "--dataset", "images", "--recipe", scene.path("quick"), "--threads", "1", "--quiet",
        ]
        let before = try scene.tips()
        let shown = try scene.json(command, status: 5)
        let digest = try #require(shown["confirmation"]?.stringValue)
        let label = try #require(
            shown["samples"]?.arrayValue?.first?["label"]?.integerValue)
        let other = try scene.run(
            command + ["--confirm", Digest(hashing: [1]).description])
        #expect(other.status == 6, "\(other.errors)")
        #expect(try scene.tips() == before)
        let version = try scene.json(command + ["--confirm", digest])
        #expect(version["version"]?.stringValue == "tiny@v2")
        let show = try scene.run("show", "tiny")
        #expect(show.output.contains("\(label)"))
    }
}

extension Scene {
    func run(_ arguments: [String]) throws -> Program {
        try Program.run(
            Self.lethe, arguments, in: temporary.url,
            environment: environment)
    }

    func json(_ arguments: [String], status: Int32 = 0) throws -> JSONValue {
        let answer = try run(arguments + ["--json"])
        try #require(answer.status == status, "\(answer.errors)")
        return try StrictJSON.parse(Array(answer.output.utf8))
    }
}
