import Foundation
import LetheRecords
import TestSupport
import Testing

@Suite("A sharded model with the command, on a tiny vision transformer", .serialized)
struct ShardedJobTests {
    @Test("Trained, deleted from, certified as exact, pulled, cheated with and replenished")
    func job() throws {
        let scene = try Scene()
        try makeImagesDistinct(scene)
        try scene.prepare()
        try writeRecipe(scene)
        let trained = try scene.json(
            "train", "shards", scene.model.path, "--dataset", "images", "--recipe",
            scene.path("shards"), "--threads", "1")
        #expect(elements(of: trained["manifest"]?["shards"]?["stages"]).count == 8)

        let list = scene.temporary.url.appending(path: "list.txt")
        try Data("train:7\n".utf8).write(to: list)
        let before = try scene.run("log", "shards").output
        let planned = try scene.json(
            "forget", "shards", "--dataset", "images", "--samples", list.path, "--plan")
        let inWords = try scene.run(
            "forget", "shards", "--dataset", "images", "--samples", list.path, "--plan")
        #expect(inWords.output.contains("nothing is trained"), "\(inWords.errors)")
        #expect(try scene.run("log", "shards").output == before)
        let deleted = try scene.json(
            "forget", "shards", "--dataset", "images", "--samples", list.path)
        let manifest = deleted["manifest"]
        #expect(manifest?["operation"]?.stringValue == "rollback")
        let lost = elements(of: manifest?["shards"]?["deletedSlices"]).count
        #expect(lost >= 1 && planned["lostSlices"]?.integerValue == lost)
        #expect(planned["alarms"] == manifest?["shards"]?["alarms"])
        #expect(manifest?["run"] == nil)
        let shown = try scene.run("show", "shards").output
        #expect(shown.contains("slices given up") && shown.contains("rollback"))
        let replay = try scene.json("replay", "shards@v2")
        #expect(replay["same"] == .bool(true) && replay["compared"] == .string("ensemble"))

        try certify(scene)
        try pull(scene)
        let more = try scene.run("s3t", "replenish", "shards", "--quiet", "--threads", "1")
        #expect([0, 1].contains(more.status), "\(more.errors)")
        #expect(try scene.json("fsck")["findings"] == .array([]))
    }

    /// The scene repeats seven pictures; a deletion takes every slice that has the same bytes.
    ///
    /// What follows a picture's end does not change it.
    private func makeImagesDistinct(_ scene: Scene) throws {
        let names = FileManager.default.enumerator(atPath: scene.images.path)?.allObjects ?? []
        for name in names.compactMap({ $0 as? String }) where name.hasSuffix(".png") {
            let url = scene.images.appending(path: name)
            try (Data(contentsOf: url) + Data(name.utf8)).write(to: url)
        }
    }

    private func certify(_ scene: Scene) throws {
        let outcome = try scene.json("certify", "shards", "--policy", scene.path("lax"))
        #expect(outcome["certified"]?["version"]?.stringValue == "shards@v3")
        let report = outcome["report"]
        #expect(report?["forgotten"] == .array([]))
        #expect(report?["retained"]?["sampleCount"]?.integerValue == 6 * Scene.classCount)
        #expect(try scene.run("show", "shards").output.contains("EXACT"))
    }

    /// The pulled folder is checked without the registry, and a served file that is exchanged for
    /// another one of the same model is refused.
    private func pull(_ scene: Scene) throws {
        let folder = scene.temporary.url.appending(path: "pulled")
        _ = try scene.json("pull", "shards", folder.path)
        let certificate = folder.appending(path: "lethe-certificate.json").path
        func verify() throws -> Program {
            try scene.run("verify", "--certificate", certificate, "--files", folder.path)
        }
        let good = try verify()
        #expect(good.status == 0 && good.output.contains("EXACT"), "\(good.errors)")
        let member = folder.appending(path: "shard-0/adapter_model.safetensors")
        let other = folder.appending(path: "shard-1/adapter_model.safetensors")
        try FileManager.default.removeItem(at: member)
        try FileManager.default.copyItem(at: other, to: member)
        #expect(try verify().status == 4)
    }

    private func writeRecipe(_ scene: Scene) throws {
        let recipe = """
            {
              "schema": "lethe.recipe.v1", "name": "shards", "method": "s3t",
              "description": "For tests.",
              "parameters": {
                "shardCount": 2, "sliceCount": 2, "sequenceCount": 2, "rank": 2, "alpha": 2,
                "epochCount": 2, "batchSize": 8
              }
            }
            """
        try Data(recipe.utf8).write(to: URL(fileURLWithPath: scene.path("shards")))
    }

    private func elements(of value: JSONValue?) -> [JSONValue] { value?.arrayValue ?? [] }
}
