import Foundation
import LetheRecords
import TestSupport
import Testing

/// `lethe twins` on nine pairs of tiny models, killed in between.
@Suite("Shadow models are jobs that can be killed")
struct TwinJobTests {
    private let scene: Scene

    init() throws {
        scene = try Scene()
        try write("training", "retrain")
        try write("nothing", "fine-tune")
    }

    /// One pass; the recipe that forgets by doing nothing has no rate.
    private func write(_ name: String, _ method: String) throws {
        let rate = method == "retrain" ? 0.01 : 0
        let recipe = Recipe(
            name: name, method: method, description: "For tests.",
            parameters: [
                "epochCount": 2, "batchSize": 8, "optimizer": "adamw",
                "learningRate": .number(rate), "weightDecay": 0,
            ])
        try Data(recipe.canonicalBytes()).write(to: URL(fileURLWithPath: scene.path(name)))
    }

    private func arguments(_ work: String, seed: Int = 1) -> [String] {
        [
            "twins", scene.path("nothing"), scene.model.path, scene.images.path, "--training",
            scene.path("training"), "--class", "0", "--pairs", "9", "--threads", "1", "--seed",
            "\(seed)", "--quiet", "--json", "--work", folder(work).path,
        ]
    }

    private func folder(_ work: String) -> URL { scene.temporary.url.appending(path: work) }

    private func run(_ work: String, seed: Int = 1) throws -> Program {
        try Program.run(
            Scene.lethe, arguments(work, seed: seed), in: scene.temporary.url,
            environment: scene.environment)
    }

    @Test("Killed in the middle of models and between them, a batch comes to the same report")
    func killed() throws {
        let whole = try run("whole")
        #expect(whole.status == 3, "tiny models that did nothing do not pass: \(whole.errors)")
        for place in [
            "pair-000/original/config.json", "pair-002/unlearned/model.safetensors",
            "pair-005/result.json",
        ] {
            let running = try Running(
                Scene.lethe, arguments("killed"), environment: scene.environment)
            let file = folder("killed").appending(path: place).path
            try wait { FileManager.default.fileExists(atPath: file) || !running.isRunning }
            running.kill()
            #expect(try running.end().status == 128 + SIGKILL, "it was too fast to be killed")
        }
        let resumed = try run("killed")
        #expect(resumed.status == whole.status && resumed.output == whole.output)
        for name in ["original", "unlearned", "retrained"] {
            let file = "pair-004/\(name)/model.safetensors"
            #expect(
                try Data(contentsOf: folder("killed").appending(path: file))
                    == Data(contentsOf: folder("whole").appending(path: file)))
        }
        let other = try run("killed", seed: 2)
        #expect(other.status == ErrorCode.conflict.exitCode, "\(other.errors)")
    }
}
