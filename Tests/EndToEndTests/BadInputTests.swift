import Foundation
import LetheRecords
import TestSupport
import Testing

@Suite("What bad input gets from the command", .serialized)
struct BadInputTests {
    /// Runs a command and expects an exit code, words, a remedy, and an unchanged lineage.
    private func refuses(
        _ scene: Scene, _ arguments: [String], status: Int32, saying words: [String],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try scene.tips()
        let answer = try Program.run(
            Scene.lethe, arguments, in: scene.temporary.url,
            environment: scene.environment)
        #expect(answer.status == status, "\(answer.errors)", sourceLocation: sourceLocation)
        for word in words + ["error: ", "what to do: "] {
            #expect(
                answer.errors.contains(word), "\"\(word)\" is not in: \(answer.errors)",
                sourceLocation: sourceLocation)
        }
        #expect(answer.output.isEmpty, sourceLocation: sourceLocation)
        #expect(try scene.tips() == before, sourceLocation: sourceLocation)
    }

    @Test("Unknown names, data that does not fit, models that cannot be run, strangers' keys")
    func refusals() throws {
        let scene = try Scene()
        try scene.prepare()
        try names(scene)
        try data(scene)
        try models(scene)
        try errorsAsJSON(scene)
        try keys(scene)
    }

    private func names(_ scene: Scene) throws {
        let forget = ["forget", "tiny", "--recipe", scene.path("quick"), "--quiet"]
        try refuses(
            scene, forget + ["--dataset", "images", "--class", "9"], status: 2,
            saying: ["no class 9", "0 to 4"])
        try refuses(
            scene, forget + ["--dataset", "pictures", "--class", "1"], status: 1,
            saying: ["\"pictures\"", "images"])
        try refuses(
            scene, ["forget", "huge", "--dataset", "images", "--class", "1"], status: 1,
            saying: ["\"huge\"", "tiny"])
        try refuses(
            scene, ["forget", "tiny", "--dataset", "images", "--class", "1", "--recipe", "magic"],
            status: 1, saying: ["\"magic\"", "gs-lora"])
        try refuses(scene, ["show", "tiny@v7"], status: 1, saying: ["no version \"v7\"", "v1"])
        try refuses(scene, ["trace", "r-000000000000"], status: 1, saying: ["r-000000000000"])
        try refuses(
            scene, ["pull", "tiny", scene.temporary.url.appending(path: "out").path], status: 5,
            saying: ["No version of tiny is certified"])
    }

    /// A dataset whose labels do not match the head, and images that do not decode.
    private func data(_ scene: Scene) throws {
        let few = scene.temporary.url.appending(path: "few")
        try scene.writeImages(to: few, classCount: 3)
        #expect(try scene.run("dataset", "add", "few", few.path, "--quiet").status == 0)
        try refuses(
            scene, ["forget", "tiny", "--dataset", "few", "--class", "1", "--quiet"], status: 2,
            saying: ["3 classes", "5"])
        let broken = scene.temporary.url.appending(path: "broken")
        try scene.writeImages(to: broken)
        for name in ["train/class-0/0.png", "test/class-3/5.png"] {
            try Data("no image".utf8).write(to: broken.appending(path: name))
        }
        try refuses(
            scene, ["dataset", "add", "broken", broken.path, "--quiet"], status: 1,
            saying: ["2", "class-0/0.png"])
        try refuses(
            scene, ["dataset", "add", "none", scene.path("nowhere"), "--quiet"], status: 1,
            saying: ["nowhere"])
    }

    /// A pickle, a model with layers that are not supported, and damaged weights.
    private func models(_ scene: Scene) throws {
        let weights = scene.model.appending(path: "model.safetensors")
        let configuration = scene.model.appending(path: "config.json")
        let good = try Data(contentsOf: weights)

        try good.dropLast(4).write(to: weights)
        try refuses(
            scene, ["publish", "cut", scene.model.path, "--quiet"], status: 1, saying: ["data"])
        try good.write(to: weights)

        let text = try String(contentsOf: configuration, encoding: .utf8)
        try Data(
            text.replacing("ViTForImageClassification", with: "SwinForImageClassification")
                .replacing("\"model_type\": \"vit\"", with: "\"model_type\": \"swin\"").utf8
        ).write(to: configuration)
        try refuses(
            scene, ["publish", "swin", scene.model.path, "--quiet"], status: 1,
            saying: ["swin"])
        try Data(text.utf8).write(to: configuration)

        try FileManager.default.moveItem(
            at: weights, to: scene.model.appending(path: "pytorch_model.bin"))
        try refuses(
            scene, ["publish", "old", scene.model.path, "--quiet"], status: 1,
            saying: ["pytorch_model.bin", "weights_only=True"])
    }

    @Test("A command line that makes no sense is a usage error and shows how to write it")
    func usage() throws {
        let scene = try Scene()
        for arguments in [
            ["frobnicate"], ["verify"], ["forget", "tiny", "--dataset", "d", "--class", "one"],
            ["certify", "tiny", "--threads", "0"],
        ] {
            let answer = try Program.run(Scene.lethe, arguments, in: scene.temporary.url)
            #expect(answer.status == 2, "\(arguments)")
            #expect(answer.errors.contains("Usage:"), "\(answer.errors)")
        }
        let answer = try scene.run("log")
        #expect(answer.status == 1 && answer.errors.contains("is no Lethe registry"))
        #expect(answer.errors.contains("lethe init"))
    }

    /// Keys that are missing, open to others or a stranger's are refused.
    private func keys(_ scene: Scene) throws {
        try scene.restoreModel()
        let publish = ["publish", "again", scene.model.path, "--quiet", "--keys"]
        try refuses(
            scene, publish + [scene.path("nowhere")], status: 1, saying: ["operator.pem"])
        let other = scene.temporary.url.appending(path: "other-keys")
        let made = try scene.run(
            "init", scene.path("other-registry"), "--keys", other.path, "--defaults",
            Locations.package.appending(path: "registry").path)
        #expect(made.status == 0, "\(made.errors)")
        try refuses(scene, publish + [other.path], status: 5, saying: ["trusted"])
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o644],
            ofItemAtPath: scene.keys.appending(path: "operator.pem").path)
        try refuses(scene, publish + [scene.keys.path], status: 5, saying: ["operator.pem"])
    }

    /// A program gets an error as JSON, with code, message and remedy.
    private func errorsAsJSON(_ scene: Scene) throws {
        let answer = try scene.run("show", "tiny@v7", "--json")
        #expect(answer.status == 1 && answer.output.isEmpty)
        let error = try StrictJSON.parse(Array(answer.errors.utf8))["error"]
        #expect(error?["code"]?.stringValue == "not-found")
        #expect(error?["message"]?.stringValue?.contains("v7") == true)
        #expect(error?["remedy"]?.stringValue?.isEmpty == false)
    }

    @Test("A damaged registry: fsck says where and exits with 4, pull leaves nothing")
    func damaged() throws {
        let scene = try Scene()
        try scene.prepare()
        let objects = scene.root.appending(path: "objects/sha256")
        let paths = FileManager.default.enumerator(atPath: objects.path)?.allObjects ?? []
        for path in paths.compactMap({ $0 as? String }) where path.count > 10 {
            let url = objects.appending(path: path)
            var bytes = try Data(contentsOf: url)
            bytes[bytes.count / 2] ^= 1
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o644], ofItemAtPath: url.path)
            try bytes.write(to: url)
        }
        let answer = try scene.run("fsck", "--quiet")
        #expect(answer.status == 4 && answer.output.contains("The registry is DAMAGED."))
        let target = scene.temporary.url.appending(path: "out")
        try refuses(
            scene, ["pull", "tiny@v1", target.path, "--uncertified", "--quiet"], status: 4,
            saying: ["lethe fsck"])
        #expect(!FileManager.default.fileExists(atPath: target.path))
    }

    /// Root ignores the modes of files, so only mounts are a fair test.
    private static let canMount: Bool = {
        guard Program.has("mount", "umount"), let folder = try? TemporaryFolder() else {
            return false
        }
        let parent = folder.url.deletingLastPathComponent()
        let answer = try? Program.run(
            "mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", folder.url.path], in: parent)
        guard answer?.status == 0 else { return false }
        _ = try? Program.run("umount", [folder.url.path], in: parent)
        return true
    }()

    @Test(
        "A read-only registry and a full disk",
        .enabled(if: canMount, "needs the right to mount"))
    func disk() throws {
        let scene = try Scene()
        try scene.prepare()
        let path = scene.root.path
        func mount(_ arguments: String...) throws {
            let answer = try Program.run("mount", arguments, in: scene.temporary.url)
            try #require(answer.status == 0, "\(answer.errors)")
        }
        func unmount() throws { _ = try Program.run("umount", [path], in: scene.temporary.url) }

        try mount("--bind", path, path)
        try mount("-o", "remount,ro,bind", path)
        defer { try? unmount() }
        let publish = ["publish", "again", scene.model.path, "--quiet"]
        try refuses(scene, publish, status: 1, saying: ["read-only"])
        try unmount()

        let kept = scene.temporary.url.appending(path: "kept")
        try FileManager.default.moveItem(at: scene.root, to: kept)
        try FileManager.default.createDirectory(
            at: scene.root, withIntermediateDirectories: true)
        try mount("-t", "tmpfs", "-o", "size=2m", "tmpfs", path)
        for name in try FileManager.default.contentsOfDirectory(atPath: kept.path) {
            try FileManager.default.copyItem(
                at: kept.appending(path: name), to: scene.root.appending(path: name))
        }
        let filler = scene.root.appending(path: "filler")
        try Data().write(to: filler)
        let file = try FileHandle(forWritingTo: filler)
        while (try? file.write(contentsOf: Data(repeating: 1, count: 4096))) != nil {}
        try file.truncate(atOffset: file.seekToEnd() - 8 * 4096)
        try file.close()
        let other = scene.temporary.url.appending(path: "other")
        try FileManager.default.copyItem(at: scene.model, to: other)
        let weights = other.appending(path: "model.safetensors")
        var bytes = try Data(contentsOf: weights)
        for position in stride(from: bytes.count / 2, to: bytes.count, by: 97) {
            bytes[position] ^= 1
        }
        try bytes.write(to: weights)
        let answer = try scene.run("publish", "again", other.path, "--quiet")
        #expect(answer.status == 1)
        #expect(answer.errors.contains("disk is full"), "\(answer.errors)")
        try FileManager.default.removeItem(at: filler)
        #expect(try scene.run("fsck", "--quiet").status == 0)
        #expect(try scene.run("publish", "again", other.path, "--quiet").status == 0)
    }

    @Test("Ctrl-C keeps the work; a writer that comes too late is told; neither changes the line")
    func interruptedAndOvertaken() throws {
        let scene = try Scene()
        try scene.prepare()
        try interrupt(scene)
        try FileManager.default.removeItem(at: scene.root.appending(path: "work"))
        try overtake(scene)
        #expect(try scene.run("fsck", "--quiet").status == 0)
    }

    /// Starts a run and comes back when it works; blocks its thread, because a task that sleeps
    /// beside tests that keep both threads busy wakes up seconds too late.
    private func startRun(_ recipe: String, _ scene: Scene) throws -> Running {
        let running = try scene.start(
            "forget", "tiny", "--dataset", "images", "--class", "2", "--recipe",
            scene.path(recipe), "--quiet")
        try wait { workFiles(scene).contains("request.json") || !running.isRunning }
        return running
    }

    /// Interrupts a run later and later, until it has trained; each time the same run goes on.
    private func interrupt(_ scene: Scene) throws {
        let before = try scene.tips()
        var delay = 0.25
        repeat {
            // It cannot end before the signal, however slow the machine is.
            let running = try startRun("endless", scene)
            Thread.sleep(forTimeInterval: delay)
            running.interrupt()
            let (status, errors) = try running.end()
            try #require(status == 130, "after \(delay) s: \(errors)")
            // No words: the signal was faster than the command itself.
            #expect(errors.isEmpty || errors.contains("what to do: "), "\(errors)")
            #expect(errors.isEmpty || errors.contains("again"), "\(errors)")
            #expect(try scene.tips() == before)
            #expect(workFiles(scene).contains("request.json"))
            delay *= 2
        } while !workFiles(scene).contains("checkpoint.safetensors")
    }

    private func overtake(_ scene: Scene) throws {
        let running = try startRun("long", scene)
        // However slow the machine is, the other writer comes first.
        running.suspend()
        try #require(running.isRunning, "the run was over before it could be suspended")
        let configuration = scene.model.appending(path: "config.json")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        try Data(text.replacing("LABEL_4", with: "LABEL_FOUR").utf8).write(to: configuration)
        let publish = try scene.run("publish", "tiny", scene.model.path, "--quiet")
        #expect(publish.status == 0, "\(publish.errors)")
        let before = try scene.tips()
        running.resume()
        let (status, errors) = try running.end()
        #expect(status == 6, "\(errors)")
        #expect(errors.contains("Somebody else was first"), "\(errors)")
        #expect(try scene.tips() == before)
    }

    /// The names of the files that unfinished runs keep.
    private func workFiles(_ scene: Scene) -> [String] {
        let work = scene.root.appending(path: "work")
        let paths = FileManager.default.enumerator(atPath: work.path)?.allObjects ?? []
        return paths.compactMap { ($0 as? String)?.split(separator: "/").last.map(String.init) }
    }
}
