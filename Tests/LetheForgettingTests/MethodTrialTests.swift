import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("Comparing methods with Retrain")
struct MethodTrialTests {
    private func figures(
        _ unlearning: Double, _ retained: Double, _ test: Double, _ attack: Double
    ) -> UnlearningFigures {
        UnlearningFigures(
            unlearningAccuracy: unlearning, retainedAccuracy: retained, testAccuracy: test,
            attackEfficacy: attack, seconds: 0)
    }

    @Test("The average gap is that of the published tables (methods.md section 11)")
    func averageGap() {
        let retrain = figures(5.24, 100, 94.26, 12.88)
        #expect(abs(figures(4.19, 97.74, 91.59, 9.84).averageGap(to: retrain) - 2.255) < 1e-9)
        #expect(abs(figures(2.85, 99.62, 93.93, 14.39).averageGap(to: retrain) - 1.1525) < 1e-9)
        let classWise = figures(100, 100, 94.83, 100)
        #expect(abs(figures(22.53, 99.87, 94.31, 75).averageGap(to: classWise) - 25.78) < 1e-9)
    }

    @Test(
        "H-mean is that of the published tables, to their two decimals",
        arguments: [
            (71.36, 70.88, 0, 71.12), (68.25, 74.65, 0.15, 71.24), (74.88, 74.88, 72.45, 4.71),
            (74.16, 74.65, 0, 74.40),
        ])
    func hMean(retained: Double, before: Double, forgotten: Double, expected: Double) {
        #expect(abs(ForgetMeter.hMean(retained, before - forgotten) - expected) < 0.0051)
    }

    @Test(
        "The attack's threshold separates what can be separated, and nothing else is called unseen")
    func attack() {
        let threshold = ConfidenceAttack.threshold(
            members: [0.9, 0.95, 0.99], nonMembers: [0.2, 0.5, 0.8])
        #expect(threshold == 0.9)
        #expect(
            ConfidenceAttack.unseenShare(of: [0.1, 0.9, 0.97, 0.89], threshold: threshold) == 0.5)
        let blind = ConfidenceAttack.threshold(members: [0.5, 0.6], nonMembers: [0.5, 0.6])
        #expect(ConfidenceAttack.unseenShare(of: [0.5, 0.6], threshold: blind) <= 0.5)
    }

    @Test(
        "Pruning takes the smallest weights over all matrices together and spares head and vectors")
    func pruning() throws {
        let first = try Tensor([Float(1), -2, 3, 8], shape: [2, 2])
        let second = try Tensor([Float(4), 5, -6, 7], shape: [2, 2])
        let head = try Tensor([Float](repeating: 0.1, count: 6), shape: [3, 2])
        let bias = try Tensor([Float(0.1), 0.1])
        try MagnitudePruning.prune([first, second, head, bias], share: 0.5, classCount: 3)
        #expect(try first.floats() == [0, 0, 0, 8])
        #expect(try second.floats() == [0, 5, -6, 7])
        #expect(try head.floats().allSatisfy { $0 == 0.1 } && bias.floats() == [0.1, 0.1])
    }

    @Test("Rounds take the same part of the rest each, and end at the sparsity that was asked for")
    func rounds() throws {
        let recipe = Recipe(
            name: "test", method: "prune", description: "",
            parameters: ["sparsity": 0.488, "roundCount": 3])
        var reader = try ParameterReader(recipe, method: "prune")
        let plan = try PruneParameters(&reader)
        let shares = (0..<3).map { (1000 * plan.pruning.share(round: $0)).rounded() }
        #expect(shares == [200, 360, 488])
        #expect(plan.pruning.firstSteps(stepCount: 30, stepsPerEpoch: 3) == [0, 10, 20])
    }

    private func recipe(_ method: String, _ parameters: [String: JSONValue]) -> Recipe {
        let basics: [String: JSONValue] = [
            "batchSize": 32, "flips": false, "optimizer": "adamw", "learningRate": 0.003,
            "weightDecay": 0,
        ]
        return Recipe(
            name: method, method: method, description: "",
            parameters: .object(basics.merging(parameters) { $1 }))
    }

    @Test(
        "Original, Retrain, a method and a pruned one come from the same samples and are measured")
    func trial() throws {
        let problem = try TinyProblem()
        let trial = try MethodTrial(
            MethodTrial.Setting(
                modelFolder: problem.model, dataset: problem.dataset, target: .classes([2]),
                trainPerClass: 30, testPerClass: 20, place: problem.place),
            seed: 1, work: problem.folder.url.appending(path: "work"))
        let original = try trial.original(recipe("retrain", ["epochCount": 15]))
        let before = try trial.figures(of: original, on: .test)
        #expect(before.unlearningAccuracy < 10 && before.retainedAccuracy > 95, "\(before)")
        let retrain = try trial.figures(
            recipe("retrain", ["epochCount": 15]), from: original, named: "retrain", on: .test)
        #expect(retrain.unlearningAccuracy == 100 && retrain.testAccuracy > 80, "\(retrain)")
        #expect(retrain.averageGap(to: retrain) == 0 && retrain.seconds > 0)
        let forgetting = try trial.figures(
            recipe("random-label", ["epochCount": 6]), from: original, named: "row", on: .validation
        )
        #expect(forgetting.unlearningAccuracy > before.unlearningAccuracy, "\(forgetting)")
        let sparse = try trial.sparse(
            recipe("prune", ["sparsity": 0.5, "epochCount": 2]), from: original)
        let file = try Safetensors.open(sparse.appending(path: "model.safetensors"))
        let matrices = file.header.entries.filter { $0.shape.count == 2 && $0.shape[0] != 6 }
        let values = try matrices.flatMap { try file.tensor(named: $0.name).floats() }
        let share = Double(values.count { $0 == 0 }) / Double(values.count)
        #expect(abs(share - 0.5) < 0.01)
    }
}
