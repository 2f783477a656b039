import Foundation
import Glibc
import LetheRecords
import TestSupport
import Testing

/// The built command, and a folder with a tiny vision transformer and tiny images to try it on.
struct Scene {
    static let lethe = Locations.products.appending(path: "lethe")
    static let classCount = 5

    let temporary: TemporaryFolder
    var root: URL { temporary.url.appending(path: "registry") }
    var keys: URL { temporary.url.appending(path: "keys") }
    var model: URL { temporary.url.appending(path: "model") }
    var images: URL { temporary.url.appending(path: "images") }

    var environment: [String: String] {
        [
            "LETHE_REGISTRY": root.path, "LETHE_KEYS": keys.path,
            "LETHE_CONSUMER": temporary.url.appending(path: "consumer").path,
        ]
    }

    init() throws {
        temporary = try TemporaryFolder()
        try writeModel()
        try writeImages(to: images)
        try writeRecipe("quick", stepCount: 4)
        try writeRecipe("long", stepCount: 1500)
        try writeRecipe("endless", stepCount: 100_000)
        try writePolicy("lax", sampleMinimum: 1)
        try writePolicy("strict", sampleMinimum: 1000)
    }

    /// Runs `lethe` and gives what came of it.
    func run(_ arguments: String...) throws -> Program {
        try Program.run(
            Self.lethe, arguments, in: temporary.url,
            environment: environment)
    }

    /// Starts `lethe` and does not wait.
    func start(_ arguments: String...) throws -> Running {
        try Running(
            Self.lethe, arguments,
            environment: environment)
    }

    /// Runs `lethe … --json`, expects success, and gives the document.
    func json(
        _ arguments: String..., status: Int32 = 0,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> JSONValue {
        let answer = try Program.run(
            Self.lethe, arguments + ["--json"], in: temporary.url,
            environment: environment)
        try #require(answer.status == status, "\(answer.errors)", sourceLocation: sourceLocation)
        return try StrictJSON.parse(Array(answer.output.utf8))
    }

    /// Makes the registry, publishes the model as `tiny` and registers the images as `images`.
    func prepare(encrypting: Bool = false) throws {
        let defaults = Locations.package.appending(path: "registry").path
        for answer in [
            try run(
                ["init", root.path, "--defaults", defaults] + (encrypting ? ["--encrypt"] : [])),
            try run("publish", "tiny", model.path, "--quiet"),
            try run("dataset", "add", "images", images.path, "--quiet"),
        ] { try #require(answer.status == 0, "\(answer.errors)") }
    }

    /// Where every line of the lineage is.
    func tips() throws -> [String: Data] {
        let folder = root.appending(path: "lineage.git/refs")
        let paths = FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? []
        var tips: [String: Data] = [:]
        for path in paths.compactMap({ $0 as? String }) {
            tips[path] = try? Data(contentsOf: folder.appending(path: path))
        }
        return tips
    }

    /// The path of a recipe or policy that this scene wrote.
    func path(_ name: String) -> String { temporary.url.appending(path: "\(name).json").path }

    /// Puts the model back as it was.
    func restoreModel() throws {
        try FileManager.default.removeItem(at: model)
        try writeModel()
    }

    private func writeModel() throws {
        let source = Locations.fixtures.appending(path: "vision/models/vit")
        try FileManager.default.createDirectory(at: model, withIntermediateDirectories: true)
        for name in ["config.json", "model.safetensors"] {
            try FileManager.default.copyItem(
                at: source.appending(path: name), to: model.appending(path: name))
        }
        let preprocessing = """
            {
              "do_normalize": true, "do_rescale": true, "do_resize": true,
              "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5],
              "image_processor_type": "ViTImageProcessor", "resample": 2,
              "rescale_factor": 0.00392156862745098, "size": {"height": 16, "width": 16}
            }
            """
        try Data(preprocessing.utf8).write(to: model.appending(path: "preprocessor_config.json"))
    }

    /// Writes `<split>/<class>/<number>.png`, six images of each class and split.
    func writeImages(to folder: URL, classCount: Int = Scene.classCount) throws {
        let names = ["rgb", "grey", "palette", "interlaced", "rgb-alpha", "one-bit", "square"]
        for split in ["train", "test"] {
            for label in 0..<classCount {
                let target = folder.appending(path: "\(split)/class-\(label)")
                try FileManager.default.createDirectory(
                    at: target, withIntermediateDirectories: true)
                for number in 0..<6 {
                    let name = names[(label + number) % names.count]
                    try FileManager.default.copyItem(
                        at: Locations.fixtures.appending(path: "vision/images/\(name).png"),
                        to: target.appending(path: "\(number).png"))
                }
            }
        }
    }

    private func writeRecipe(_ name: String, stepCount: Int) throws {
        let recipe = """
            {
              "schema": "lethe.recipe.v1", "name": "\(name)", "method": "gs-lora",
              "description": "For tests.",
              "parameters": {
                "rank": 2, "stepCount": \(stepCount), "forgetBatchSize": 2, "retainBatchSize": 4,
                "minimumStepCount": \(stepCount), "checkIntervalSteps": 2, "learningRate": 0.001,
                "rampSteps": 2, "validationInterval": 3
              }
            }
            """
        try Data(recipe.utf8).write(to: URL(fileURLWithPath: path(name)))
    }

    private func writePolicy(_ name: String, sampleMinimum: Int) throws {
        let policy = Policy(
            name: name, description: "For tests.", errorBudget: 0.5, forgottenMarginAboveChance: 1,
            forgottenSampleMinimum: sampleMinimum, retainedDropMaximum: 1,
            retainedDropUpperBoundMaximum: 1, worstClassDropMaximum: 1, worstClassSampleMinimum: 1,
            // The few fixtures are training and test images at once.
            testOverlapMaximum: 1)
        try Data(policy.canonicalBytes()).write(to: URL(fileURLWithPath: path(name)))
    }
}

/// A command that runs beside the test.
final class Running {
    private let process = Process()
    private let errors = Pipe()

    init(_ program: URL, _ arguments: [String], environment: [String: String]) throws {
        process.executableURL = program
        process.arguments = arguments
        process.environment = environment.merging(["PATH": "/usr/bin:/bin"]) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        process.standardError = errors
        try process.run()
    }

    /// Sends Ctrl-C.
    func interrupt() { process.interrupt() }

    /// Sends SIGKILL, which nothing can be done about.
    func kill() { _ = Glibc.kill(process.processIdentifier, SIGKILL) }

    /// Stops it until `resume`.
    func suspend() { _ = process.suspend() }

    /// Lets it go on.
    func resume() { _ = process.resume() }

    /// Whether it still runs.
    var isRunning: Bool { process.isRunning }

    /// Waits for the end; a signal counts as 128 and its number, as a shell has it.
    func end() throws -> (status: Int32, errors: String) {
        let text = try errors.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        let signal: Int32 = process.terminationReason == .uncaughtSignal ? 128 : 0
        return (signal + process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}

/// Blocks until something is true, at most some seconds.
func wait(_ seconds: Double = 180, until isTrue: () throws -> Bool) throws {
    let end = Date(timeIntervalSinceNow: seconds)
    while try !isTrue() {
        try #require(Date() < end, "waited \(seconds) seconds")
        Thread.sleep(forTimeInterval: 0.005)
    }
}
