import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Training twins")
struct TwinTrialTests {
    private let problem: TinyProblem

    init() throws {
        problem = try TinyProblem()
    }

    private func recipe(_ method: String, epochs: Int) -> Recipe {
        Recipe(
            name: method, method: method, description: "",
            parameters: [
                "batchSize": 32, "flips": false, "optimizer": "adamw", "learningRate": 0.003,
                "weightDecay": 0, "epochCount": .number(Double(epochs)),
            ])
    }

    private func trial(_ forgetting: Recipe, training: Recipe? = nil) throws -> TwinTrial {
        try TwinTrial(
            MethodTrial.Setting(
                modelFolder: problem.model, dataset: problem.dataset, target: .classes([1, 2]),
                trainPerClass: 20, testPerClass: 10, place: problem.place),
            recipes: TwinTrial.Recipes(
                training: training ?? recipe("retrain", epochs: 12), forgetting: forgetting),
            seed: 3, work: problem.folder.url.appending(path: "twins"))
    }

    @Test("Neighbouring pairs learn each other's rest, and other pairs other halves")
    func halves() {
        let seed = RunSeed(seed: 3, task: 0)
        let halves = (0..<4).map { TwinHalf(pair: $0).members(of: 10, seed: seed) }
        #expect(halves.map { half in half.count { $0 } } == [5, 5, 5, 5])
        #expect(halves[1] == halves[0].map { !$0 } && halves[3] == halves[2].map { !$0 })
        #expect(halves[0] != halves[2] && halves[0] != halves[3])
    }

    @Test("Only the first twin learns its half, and what is there is not made again")
    func pair() throws {
        let forgetting = recipe("random-label", epochs: 3)
        let pair = try trial(forgetting).pair(0)
        #expect(pair.samples.count == 40 && pair.isMember.count { $0 } == 20)
        #expect(pair.retrainedFigures.unlearningAccuracy == 100, "\(pair.retrainedFigures)")
        #expect(pair.previousFigures == nil)
        let files = [pair.original, pair.unlearned, pair.retrained].map {
            $0.appending(path: "model.safetensors")
        }
        let digests = try files.map { try digest(of: $0) }
        #expect(Set(digests).count == 3)
        // A model that is gone is made again to the same bytes, the others are left alone.
        let dates = try files.map {
            try $0.resourceValues(forKeys: [.contentModificationDateKey]).contentModificationDate
        }
        try FileManager.default.removeItem(at: files[1])
        let again = try trial(forgetting).pair(0)
        #expect(try files.map { try digest(of: $0) } == digests)
        #expect(
            try files[2].resourceValues(forKeys: [.contentModificationDateKey])
                .contentModificationDate == dates[2])
        #expect(again.unlearnedFigures == pair.unlearnedFigures)
        let next = try trial(forgetting).pair(1)
        #expect(next.samples == pair.samples && next.isMember == pair.isMember.map { !$0 })
        #expect(next.previousFigures != nil)
    }

    @Test("Methods that make deltas, and training that is no Retrain, are refused")
    func refusals() {
        let delta = Recipe(name: "x", method: "gs-lora", description: "", parameters: [:])
        #expect(throws: LetheError.self) { try trial(delta) }
        #expect(throws: LetheError.self) {
            try trial(recipe("fine-tune", epochs: 1), training: recipe("fine-tune", epochs: 1))
        }
    }
}
