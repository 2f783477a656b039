import Foundation
import LetheRecords
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("What the engine refuses")
struct RefusalTests {
    private let engine = ForgettingEngine()

    private func refusal(_ task: ForgetTask) async throws -> LetheError {
        try await #require(throws: LetheError.self) {
            try await engine.forget(task) { _ in }
        }
    }

    @Test("A class beyond the head, no class, and all classes")
    func classes() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let beyond = try await refusal(problem.forgetTask([77]))
        #expect(beyond.code == .notFound)
        #expect(beyond.message.contains("77") && beyond.message.contains("0 to 5"))
        #expect(try await refusal(problem.forgetTask([])).code == .invalidArgument)
        let all = try await refusal(problem.forgetTask([0, 1, 2], earlier: [[3, 4, 5]]))
        #expect(all.code == .invalidArgument)
    }

    @Test("A dataset whose labels do not fit the head, with both numbers")
    func labelMismatch() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let config = problem.model.appending(path: "config.json")
        let text = try String(contentsOf: config, encoding: .utf8)
        try Data(text.replacing(", \"5\": \"f\"", with: "").utf8).write(to: config)
        var task = problem.trainTask()
        try FileManager.default.removeItem(
            at: problem.model.appending(path: "model.safetensors"))
        task.recipe.parameters = ["epochCount": 1]
        let error = try await #require(throws: LetheError.self) {
            try await engine.train(task) { _ in }
        }
        #expect(error.code == .labelMismatch)
        #expect(error.message.contains("6 classes") && error.message.contains("5 outputs"))
    }

    @Test("A class without samples, and a device that is not there")
    func missing() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        var task = try problem.forgetTask()
        task.place.device = "cuda:99"
        #expect(try await refusal(task).code == .device)
        task.place = RunPlace(device: "gpu", threads: 1)
        #expect(try await refusal(task).code == .invalidArgument)
        task.place = RunPlace(threads: 0)
        #expect(try await refusal(task).code == .invalidArgument)
    }

    @Test("A loss that is not finite, with the step and what to try")
    func notFinite() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        let task = try problem.forgetTask(
            parameters: ["learningRate": 10, "gradientNormLimit": 0, "weightDecay": 10])
        // Decoupled decay of 10 at a rate of 10 multiplies the weights by -99 in every step.
        let error = try await refusal(task)
        #expect(error.code == .numerical)
        #expect(error.message.contains("Step "))
        #expect(
            error.message.contains("to forget train ") && error.message.contains("retained train "))
        #expect(try #require(error.remedy).contains("learningRate"))
    }

    @Test("Images that do not decode are named and counted")
    func undecodable() async throws {
        let folder = try TemporaryFolder()
        for name in ["train/a/1.png", "train/a/2.png", "train/b/1.png"] {
            let url = folder.url.appending(path: name)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data("no image".utf8).write(to: url)
        }
        let key = try CommitmentKey(bytes: Array(repeating: 7, count: 32))
        let error = try await #require(throws: LetheError.self) {
            try await engine.describe(dataset: DatasetLocation(url: folder.url), key: key) { _ in }
        }
        #expect(error.code == .malformed)
        #expect(error.message.contains("3 of 3 images"))
        #expect(error.message.contains("train/a/1.png"))
    }

    @Test("Low-rank updates of a network that is all convolutions")
    func convolutions() throws {
        let model = try ClassifierLoading.load(
            folder: Locations.fixtures.appending(path: "vision/models/resnet-basic"))
        let error = try #require(throws: LetheError.self) {
            try LowRankAdapters(
                model, rank: 2, slopeSquared: 5, seed: RunSeed(seed: 0, task: 0))
        }
        #expect(error.code == .unsupported)
        #expect(error.message.contains("ResNet"))
    }

    @Test("A dataset format that does not exist, with the nearest one")
    func format() async throws {
        let key = try CommitmentKey(bytes: Array(repeating: 7, count: 32))
        let location = DatasetLocation(url: URL(fileURLWithPath: "/"), format: "cifar1O")
        let error = try await #require(throws: LetheError.self) {
            try await engine.describe(dataset: location, key: key) { _ in }
        }
        #expect(error.remedy == "Did you mean \"cifar10\"?")
    }
}
