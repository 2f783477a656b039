import Foundation
import LetheRecords
import TestSupport
import Testing

@Suite("A tiny network in a registry that encrypts, through the command")
struct EncryptedLifeTests {
    private let scene: Scene
    private let common: [String]

    init() throws {
        scene = try Scene()
        try scene.prepare(encrypting: true)
        common = ["--policy", scene.path("lax"), "--threads", "1", "--quiet"]
    }

    private func path(_ name: String) -> String { scene.temporary.url.appending(path: name).path }

    private func weights(_ folder: String) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: path(folder) + "/model.safetensors"))
    }

    /// Runs `lethe` with the keys of another folder.
    private func run(keys: String, registry: String? = nil, _ arguments: String...) throws
        -> Program
    {
        var environment = scene.environment
        environment["LETHE_KEYS"] = path(keys)
        environment["LETHE_REGISTRY"] = registry.map(path) ?? scene.root.path
        return try Program.run(
            Scene.lethe, arguments, in: scene.temporary.url, environment: environment)
    }

    /// A class that the untrained model never answers: no certificate depends on luck then.
    private func unknownClass() throws -> String {
        let report = try scene.json(["verify", "tiny", "--dataset", "images"] + common)
        let label = report["classes"]?.arrayValue?
            .first { $0["correctCount"]?.integerValue == 0 }?["label"]?.integerValue
        return String(try #require(label))
    }

    private func expectNoTensor(of weights: Data) throws {
        let start = 8 + weights.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let runs = stride(from: start, to: weights.count - 32, by: 997)
            .map { weights.subdata(in: $0..<$0 + 32) }.filter { Set($0).count > 8 }
        #expect(runs.count > 10)
        let paths = FileManager.default.enumerator(atPath: scene.root.path)?.allObjects ?? []
        for path in paths.compactMap({ $0 as? String }) {
            let file = scene.root.appending(path: path)
            guard let bytes = try? Data(contentsOf: file, options: .mappedIfSafe) else { continue }
            #expect(!runs.contains { bytes.firstRange(of: $0) != nil }, "\(path)")
        }
    }

    @Test("It lives, forgets, and is erased; then neither it nor a backup can be read")
    func life() throws {
        let label = try unknownClass()
        let original = try weights("model")
        _ = try scene.json(
            ["forget", "tiny", "--class", label, "--dataset", "images"]
                + ["--recipe", scene.path("quick"), "--threads", "1", "--quiet"])
        _ = try scene.json("pull", "tiny@v1", path("first"), "--uncertified", "--quiet")
        #expect(try weights("first") == original)
        _ = try scene.json(["certify", "tiny"] + common)
        _ = try scene.json("yardstick", "tiny", "--quiet")
        try FileManager.default.copyItem(
            at: scene.root, to: scene.temporary.url.appending(path: "backup"))
        let plan = try scene.run("purge", "--now", "--dry-run", "--policy", scene.path("lax"))
        #expect(plan.output.contains("Would destroy the keys"), "\(plan.errors)")
        let purged = try scene.json(
            ["purge", "--now", "--policy", scene.path("lax"), "--quiet"])
        let destroyed = try #require(purged["receipt"]?["destroyedKeys"]?.arrayValue?.first)
        _ = try scene.json("pull", "tiny", path("new"), "--quiet")
        try expectNoTensor(of: original)
        try expectNoTensor(of: weights("new"))
        let old = try run(
            keys: "keys", registry: "backup", "pull", "tiny@v2", path("old"), "--uncertified")
        #expect(old.status != 0 && !FileManager.default.fileExists(atPath: path("old/config.json")))
        let object = try run(
            keys: "keys", registry: "backup", "pull", "tiny", path("older"), "--quiet")
        #expect(object.status == 1 && object.errors.contains("was destroyed"), "\(object.errors)")
        #expect(object.errors.contains(try #require(destroyed.stringValue)))
        for command in [["fsck"], ["gc", "--grace", "0d"], ["log", "tiny"], ["show", "tiny"]] {
            #expect(try scene.json(command) != .null)
        }
        _ = try scene.json("export", "tiny", path("image"), "--as", "oci", "--quiet")
        let blobs = try FileManager.default.contentsOfDirectory(atPath: path("image/blobs/sha256"))
        #expect(blobs.contains(Digest(hashing: Array(try weights("new"))).hex))
    }

    @Test("Keys are listed and destroyed, never shown, and asked for where they are not")
    func keys() throws {
        let listed = try scene.run("keys", "list")
        #expect(listed.status == 0 && listed.output.contains("tiny"), "\(listed.errors)")
        let folder = scene.keys.appending(path: "objects")
        let file = folder.appending(path: "tiny.1.key")
        let secret = try String(contentsOf: file, encoding: .utf8).dropLast()
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions]
        #expect((mode as? Int) == 0o600 && secret.count == 64)
        let plan = try scene.run("keys", "destroy", "tiny", "--dry-run")
        #expect(plan.status == 0 && plan.output.contains("tiny@v1 needs"), "\(plan.output)")
        for answer in [listed, plan] { #expect(!(answer.output + answer.errors).contains(secret)) }
        try FileManager.default.copyItem(
            at: scene.root, to: scene.temporary.url.appending(path: "backup"))
        let done = try scene.json("keys", "destroy", "tiny")
        #expect(done["receipt"]?["destroyedKeys"]?.arrayValue?.count == 1)
        #expect(
            try !FileManager.default.contentsOfDirectory(atPath: folder.path)
                .contains("tiny.1.key"))
        #expect(try scene.run("pull", "tiny@v1", path("out"), "--uncertified").status == 0)
        let backup = try run(
            keys: "keys", registry: "backup", "pull", "tiny@v1", path("no"), "--uncertified")
        #expect(backup.status == 1 && backup.errors.contains("was destroyed"), "\(backup.errors)")
        let without = try run(keys: "nothing", "pull", "tiny@v1", path("none"), "--uncertified")
        #expect(without.status == 1 && without.errors.contains("0 object keys"))
        let clone = try scene.run("clone", scene.root.path, path("clone"))
        #expect(clone.status == 1 && clone.errors.contains("is encrypted"), "\(clone.errors)")
        #expect(try scene.run("keys", "destroy", "nobody").status == 1)
    }
}
