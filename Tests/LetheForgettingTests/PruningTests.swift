import Foundation
import LetheRecords
import LetheTensor
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

/// The golden file comes from scripts/golden/forgetting_synflow.py.
@Suite("Pruning while a network is trained")
struct PruningTests {
    private let engine = ForgettingEngine()
    private let network = Locations.fixtures.appending(path: "vision/models/resnet-cifar-padded")

    private func golden() throws -> SafetensorsFile {
        try Safetensors.open(Locations.fixtures.appending(path: "forgetting/synflow.safetensors"))
    }

    @Test("The flow's scores equal PyTorch's in float64")
    func scores() throws {
        try Threads.set(1)
        let golden = try golden()
        let model = try ClassifierLoading.load(folder: network)
        for parameter in model.parameters where parameter.role != .counter {
            try parameter.tensor.copy(from: parameter.tensor.absolute())
        }
        let convolutions = model.weights.filter { $0.tensor.rank == 4 }
        let scores = try SynapticFlow.scores(
            of: convolutions.map(\.tensor), model, Tensor(ones: [1, 3, 12, 12]))
        for (convolution, score) in zip(convolutions, scores) {
            let expected = try golden.tensor(named: convolution.name + ".score").floats()
            let pairs = try zip(score.floats(), expected)
            #expect(
                pairs.allSatisfy { abs($0 - $1) <= 1e-4 * $1 + 1e-12 }, "\(convolution.name)")
        }
    }

    @Test("After a hundred passes the same weights are left as in PyTorch, and none has changed")
    func hundredPasses() throws {
        try Threads.set(1)
        let golden = try golden()
        let model = try ClassifierLoading.load(folder: network)
        let before = try ClassifierLoading.load(folder: network)
        try SynapticFlow.prune(model, imageShape: [3, 12, 12], share: 0.9, passCount: 100)
        for (now, old) in zip(model.parameters, before.parameters) {
            var expected = old.tensor
            if golden.contains(now.name + ".alive") {
                expected = try expected * golden.tensor(named: now.name + ".alive")
            }
            #expect(try now.tensor.isEqual(to: expected), "\(now.name)")
        }
    }

    @Test("A network without convolutions is no matter for the flow, and is refused by name")
    func transformers() async throws {
        let problem = try TinyProblem()
        let task = problem.trainTask(
            epochs: 1, parameters: ["sparsity": 0.5, "pruningScore": "synflow"])
        let error = await #expect(throws: LetheError.self) { try await engine.train(task) { _ in } }
        #expect(error?.code == .unsupported)
        #expect(error?.remedy?.contains("magnitude") == true)
    }

    @Test("Training prunes in rounds after dense epochs, and goes on to the same bytes")
    func trains() async throws {
        let problem = try TinyProblem()
        let parameters: [String: JSONValue] = [
            "sparsity": 0.5, "roundCount": 2, "denseEpochCount": 6,
        ]
        let task = problem.trainTask(to: "whole", parameters: parameters)
        let outcome = try await engine.train(task) { _ in }
        #expect(outcome.selectionFigures["accuracy", default: 0] >= 0.9)
        #expect(outcome.parameters["pruningScore"] == "magnitude")
        let share = try zeroShare(task.weightsFile) { $0.count == 2 && $0[0] != 6 }
        #expect(abs(share - 0.5) < 0.01)
        let parts = problem.trainTask(to: "parts", parameters: parameters)
        let error = try await interrupt(after: 85) { progress throws(LetheError) in
            try await engine.train(parts, progress: progress)
        }
        #expect(error.code == .interrupted)
        _ = try await engine.train(parts) { _ in }
        #expect(try digest(of: parts.weightsFile) == digest(of: task.weightsFile))
    }

    @Test("A residual network learns after SynFlow has pruned it before the first step")
    func prunedAtStart() async throws {
        let problem = try TinyProblem()
        try Data(
            """
            {"architectures": ["ResNet"], "stem": "cifar", "block": "basic", "num_labels": 6,
             "image_size": 8, "num_channels": 1, "stem_channels": 8, "stage_channels": [8, 16],
             "blocks_per_stage": [1, 1]}
            """.utf8
        ).write(to: problem.model.appending(path: "config.json"))
        let task = problem.trainTask(
            parameters: ["sparsity": 0.8, "pruningScore": "synflow", "learningRate": 0.01])
        let outcome = try await engine.train(task) { _ in }
        #expect(outcome.selectionFigures["accuracy", default: 0] >= 0.9)
        let share = try zeroShare(task.weightsFile) { $0.count == 4 }
        #expect(abs(share - 0.8) < 0.01)
    }

    @Test("A mask goes with its model: what comes later holds it, whatever its recipe says")
    func masks() async throws {
        let problem = try TinyProblem()
        try await problem.train()
        var pruning = try problem.weightTask("prune", ["sparsity": 0.5, "epochCount": 2])
        let inModel = problem.model.appending(path: PruningMask.fileName)
        pruning.maskFile = inModel
        #expect(try await engine.forget(pruning) { _ in }.writesMask)
        let mask = try PruningMask(parsing: [UInt8](Data(contentsOf: inModel)))
        #expect(mask.bits.count == 18)
        try check(mask, pruning.weightsFile)
        let parent = problem.model.appending(path: "model.safetensors")
        try Data(contentsOf: pruning.weightsFile).write(to: parent)

        var later = try problem.weightTask(
            "random-label", ["epochCount": 2, "weightDecay": 0.01, "learningRate": 0.02])
        later.maskFile = problem.folder.url.appending(path: "later-mask.safetensors")
        #expect(try await engine.forget(later) { _ in }.writesMask)
        try check(mask, later.weightsFile)
        #expect(try digest(of: #require(later.maskFile)) == digest(of: inModel))
        let training = problem.trainTask(epochs: 1, to: "on")
        #expect(try await engine.train(training) { _ in }.writesMask == false)
        try check(mask, training.weightsFile)
        let delta = await #expect(throws: LetheError.self) {
            try await engine.forget(problem.forgetTask()) { _ in }
        }
        #expect(delta?.code == .unsupported)
        try Data(PruningMask(bits: ["classifier.bias": [0, 0]]).encoded()).write(to: inModel)
        let misfit = await #expect(throws: LetheError.self) {
            try await engine.forget(later) { _ in }
        }
        #expect(misfit?.code == .malformed)
    }

    private func check(_ mask: PruningMask, _ weights: URL) throws {
        let bytes = [UInt8](try Data(contentsOf: weights))
        var check = MaskedWeights(mask, sizeBytes: bytes.count)
        try check.add(bytes)
        try check.finish()
    }

    private func zeroShare(_ weights: URL, where isCounted: ([Int]) -> Bool) throws -> Double {
        let file = try Safetensors.open(weights)
        let values = try file.header.entries.filter { isCounted($0.shape) }
            .flatMap { try file.tensor(named: $0.name).floats() }
        return Double(values.count { $0 == 0 }) / Double(values.count)
    }
}
