import Foundation
import TestSupport
import Testing

/// LibTorch takes half a second to start and 700 MiB of disk; who only reads needs neither.
@Suite("The command without its library for tensors")
struct WithoutTorchTests {
    @Test("All that computes nothing works; what computes says which file is missing")
    func alone() throws {
        let scene = try Scene()
        try scene.prepare()
        let folder = scene.temporary.url.appending(path: "alone")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let lethe = folder.appending(path: "lethe")
        try FileManager.default.copyItem(at: Scene.lethe, to: lethe)
        func run(_ arguments: String...) throws -> Program {
            try Program.run(
                lethe, arguments, in: scene.temporary.url,
                environment: scene.environment)
        }
        for answer in [
            try run("--version"), try run("publish", "again", scene.model.path, "--quiet"),
            try run("log", "again"), try run("show", "again@latest"), try run("log"),
            try run("fsck", "--quiet"), try run("reindex"), try run("audit"),
            try run("pull", "again@latest", "pulled", "--uncertified", "--quiet"),
        ] { #expect(answer.status == 0, "\(answer.errors)") }

        let refused = try run(
            "forget", "tiny", "--dataset", "images", "--class", "2", "--recipe",
            scene.path("quick"), "--quiet")
        #expect(refused.status != 0)
        #expect(refused.errors.contains("libTorchShim.so"), "\(refused.errors)")
    }
}
