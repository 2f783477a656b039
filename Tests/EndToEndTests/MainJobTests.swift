import Foundation
import LetheRecords
import TestSupport
import Testing

@Suite("The command, from an empty folder to a certified pull", .serialized)
struct MainJobTests {
    @Test("Every command does its part, and answers programs in its documented shape")
    func mainJob() throws {
        let scene = try Scene()
        let defaults = Locations.package.appending(path: "registry").path
        let made = try scene.json("init", scene.root.path, "--defaults", defaults)
        #expect(made["registry"]?.stringValue == scene.root.path)
        #expect(made["keys"]?.stringValue == scene.keys.path)

        let published = try scene.json("publish", "tiny", scene.model.path)
        #expect(published["version"]?.stringValue == "tiny@v1")
        #expect(published["manifest"]?["operation"]?.stringValue == "publish")
        #expect(published["commit"]?.stringValue?.count == 40)

        let dataset = try scene.json("dataset", "add", "images", scene.images.path)
        #expect(dataset["schema"]?.stringValue == "lethe.dataset.v1")
        #expect(dataset["classCount"]?.integerValue == Scene.classCount)

        let labels = try unknownClasses(scene)
        let forgotten = try scene.json(
            "forget", "tiny", "--dataset", "images", "--class", labels[0], labels[1], "--recipe",
            scene.path("quick"), "--threads", "1")
        let manifest = forgotten["manifest"]
        #expect(manifest?["operation"]?.stringValue == "forget")
        #expect(manifest?["run"]?["parameters"]?["rank"]?.integerValue == 2)
        let request = try #require(elements(of: manifest?["requests"]).first?.stringValue)

        try judge(scene)
        try look(scene, request: request)
        try pull(scene, forgotten: labels[0])
        try outsiders(scene, forgotten: labels[0])

        let fsck = try scene.json("fsck")
        #expect(fsck["clean"] == .bool(true) && fsck["findings"] == .array([]))
        #expect(fsck["commits"]?.integerValue == 5)
        #expect(try scene.json("reindex")["versions"]?.integerValue == 5)
    }

    /// Two classes that the untrained model never answers: no certificate depends on luck then.
    private func unknownClasses(_ scene: Scene) throws -> [String] {
        let report = try scene.json(
            "verify", "tiny", "--dataset", "images", "--policy", scene.path("lax"))
        #expect(report["schema"]?.stringValue == "lethe.report.v1")
        let labels = elements(of: report["classes"])
            .filter { $0["correctCount"]?.integerValue == 0 }
            .compactMap { $0["label"]?.integerValue }.map(String.init)
        try #require(labels.count >= 2)
        return labels
    }

    private func judge(_ scene: Scene) throws {
        let failed = try scene.json("certify", "tiny", "--policy", scene.path("strict"), status: 3)
        #expect(failed["certified"] == .null)
        let table = try scene.run("verify", "tiny", "--policy", scene.path("strict"), "--quiet")
        #expect(table.status == 3)
        #expect(table.output.contains("FAILED") && table.output.contains("Acc_f"))

        let certified = try scene.json("certify", "tiny", "--policy", scene.path("lax"))
        #expect(certified["judged"]?.stringValue == "tiny@v2")
        #expect(certified["certified"]?["version"]?.stringValue == "tiny@v3")
        let again = try scene.run("certify", "tiny", "--policy", scene.path("lax"))
        #expect(again.status == 1 && again.errors.contains("certified already"))
    }

    private func look(_ scene: Scene, request: String) throws {
        let entries = elements(of: try scene.json("log", "tiny"))
        #expect(entries.map { $0["operation"]?.stringValue } == ["certify", "forget", "publish"])
        #expect(entries.map { $0["number"]?.integerValue } == [3, 2, 1])
        #expect(try scene.run("log").output.contains("tiny@v3"))

        let shown = try scene.json("show", "tiny@certified")
        #expect(shown["verdict"]?["verdict"]?.stringValue == "passed")
        #expect(try scene.run("show", "tiny").output.contains(request))

        let trace = try scene.json("trace", request)
        let contains = elements(of: trace["versions"]).map { $0["contains"] }
        #expect(contains == [.bool(true), .bool(false), .bool(false)])
    }

    private func pull(_ scene: Scene, forgotten label: String) throws {
        let target = scene.temporary.url.appending(path: "pulled")
        let pulled = try scene.json("pull", "tiny", target.path)
        #expect(pulled["certified"] == .bool(true))
        let certificate = target.appending(path: "lethe-certificate.json").path
        let verdict = try scene.json(
            "verify", "--certificate", certificate, "--files", target.path, "--policy",
            scene.path("lax"))
        #expect(verdict["schema"]?.stringValue == "lethe.verdict.v1")
        let superseded = try scene.run(
            "pull", "tiny@v1", scene.temporary.url.appending(path: "old").path, "--uncertified")
        #expect(superseded.status == 5 && superseded.errors.contains("tiny@v3"))
        let twice = try scene.run("pull", "tiny", target.path)
        #expect(twice.status == 1 && twice.errors.contains("not an empty folder"))

        let config = target.appending(path: "config.json")
        #expect(!(try String(contentsOf: config, encoding: .utf8)).contains("LABEL_\(label)"))
        try Data("{}".utf8).write(to: config)
        let changed = try scene.run(
            "verify", "--certificate", certificate, "--files", target.path)
        #expect(changed.status == 4 && changed.errors.contains("config.json"))
    }

    /// What somebody else can check: the run once more, an image, the whole lineage.
    private func outsiders(_ scene: Scene, forgotten label: String) throws {
        // The recipe's file is not in the registry, so the manifest has to be enough.
        let replay = try scene.json("replay", "tiny@v2")
        #expect(replay["same"] == .bool(true), "\(replay)")
        let judgement = try scene.json("replay", "tiny@v3", "--policy", scene.path("lax"))
        #expect(judgement["same"] == .bool(true) && judgement["compared"] == .string("report"))
        let image = scene.images.appending(path: "train/class-\(label)/0.png").path
        #expect(try scene.json("prove", "--image", image)["among"] == .bool(true))
        let other = try scene.json("prove", "--image", scene.path("lax"))
        #expect(other["among"] == .bool(false) && other["compared"]?.integerValue == 1)
        let audit = try Program.run(
            Locations.products.appending(path: "lethe-audit"),
            [scene.root.path, "--policy", scene.path("lax"), "--json"], in: scene.temporary.url)
        #expect(audit.status == 0, "\(audit.output) \(audit.errors)")
        let models = try StrictJSON.parse(Array(audit.output.utf8))["models"]?.arrayValue
        let certificate = models?.first?["versions"]?.arrayValue?.last?["certificate"]
        #expect(certificate?["recomputed"] == .bool(true), "the real judge's figures follow")
    }

    @Test("Every command, argument and option has a help text")
    func help() throws {
        let scene = try Scene()
        let answer = try scene.run("--experimental-dump-help")
        #expect(answer.status == 0)
        let root = try #require(try StrictJSON.parse(Array(answer.output.utf8))["command"])
        let names = try visit(root)
        let expected = [
            "init", "publish", "dataset", "add", "train", "forget", "verify", "certify", "pull",
            "log", "show", "trace", "fsck", "reindex", "prove", "replay", "model-sig", "bench",
        ]
        #expect(names.isSuperset(of: expected))
        let version = try scene.run("--version")
        #expect(version.status == 0 && version.output.contains("."))
        let text = try scene.run("help", "forget")
        #expect(text.status == 0 && text.output.contains("USAGE: lethe forget [<options>] <model>"))
    }

    /// Looks at a command and those below it; gives their names.
    private func visit(_ command: JSONValue) throws -> Set<String> {
        let name = try #require(command["commandName"]?.stringValue)
        if name == "help" { return [name] }
        #expect(command["abstract"]?.stringValue?.isEmpty == false, "\(name)")
        for argument in elements(of: command["arguments"])
        where argument["shouldDisplay"] == .bool(true) {
            let value = argument["valueName"]?.stringValue ?? ""
            #expect(argument["abstract"]?.stringValue?.isEmpty == false, "\(name) \(value)")
        }
        return try elements(of: command["subcommands"]).reduce(into: [name]) { names, command in
            names.formUnion(try visit(command))
        }
    }

    private func elements(of value: JSONValue?) -> [JSONValue] {
        guard case .array(let elements)? = value else { return [] }
        return elements
    }

    private static let sampleFolder = Locations.package.appending(path: "registry/sample")

    @Test(
        "The sample registry is unpacked, clean and has a model",
        .enabled(
            if: FileManager.default.fileExists(atPath: sampleFolder.path),
            "needs registry/sample, which scripts/make-sample makes"))
    func sample() throws {
        let scene = try Scene()
        let made = try scene.run("init", scene.root.path, "--from", Self.sampleFolder.path)
        #expect(made.status == 0, "\(made.errors)")
        #expect(try scene.json("fsck")["clean"] == .bool(true))
        let entries = elements(of: try scene.json("log"))
        let target = scene.temporary.url.appending(path: "pulled")
        let model = try #require(entries.first?["model"]?.stringValue)
        let pulled = try scene.run("pull", "\(model)@latest", target.path, "--uncertified")
        #expect(pulled.status == 0, "\(pulled.errors)")
    }
}
