import Foundation
import LetheRecords
import TestSupport
import Testing

@Suite("Where the words go")
struct OutputTests {
    @Test("An answer that cannot be written is an error; words that cannot be written are lost")
    func full() throws {
        let scene = try Scene()
        try scene.prepare()
        func shell(_ command: String) throws -> Program {
            try Program.run(
                URL(fileURLWithPath: "/bin/sh"), ["-c", "\(Scene.lethe.path) \(command)"],
                in: scene.temporary.url,
                environment: scene.environment)
        }
        let lost = try shell("log tiny > /dev/full")
        #expect(lost.status == 1)
        #expect(lost.errors.contains("could not be written"), "\(lost.errors)")
        // A shell gives 128 and more for a signal.
        #expect(try shell("log nobody 2> /dev/full").status == 1)
        #expect(try shell("fsck > /dev/null 2> /dev/full").status == 0)
        #expect(try shell("log tiny | head -c 0").status == 0)
    }

    @Test("With --json each step is a line on standard error, and the steps of LUR can be drawn")
    func steps() throws {
        let scene = try Scene()
        try scene.prepare()
        try Data(
            """
            {"schema": "lethe.recipe.v1", "name": "lur", "method": "lur", "description": "",
             "parameters": {"epochCount": 2, "batchSize": 16, "flips": false}}
            """.utf8
        ).write(to: URL(fileURLWithPath: scene.path("lur")))
        let answer = try scene.run(
            "forget", "tiny", "--dataset", "images", "--class", "1", "--recipe",
            scene.path("lur"), "--json")
        #expect(answer.status == 0, "\(answer.errors)")
        let lines = try answer.errors.split(separator: "\n").map { line in
            try StrictJSON.parse(Array(line.utf8))
        }
        let steps = lines.filter { $0["figures"]?["gradientCosine"] != nil }
        #expect(steps.count >= 2)
        #expect(steps.allSatisfy { $0["phase"]?.stringValue == "forgetting" })
        let file = scene.temporary.url.appending(path: "steps.jsonl")
        try Data(answer.errors.utf8).write(to: file)
        let picture = scene.temporary.url.appending(path: "steps.svg")
        let drawn = try Program.run(
            Locations.package.appending(path: "scripts/draw-steps"), [file.path, picture.path],
            in: scene.temporary.url, environment: [:])
        #expect(drawn.status == 0, "\(drawn.errors)")
        #expect(try String(contentsOf: picture, encoding: .utf8).contains("<polyline"))
    }
}
