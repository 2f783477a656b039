import Foundation
import LetheRecords
import LetheTensor
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("A head that is fitted anew")
struct HeadRefitTests {
    @Test("Logistic regression equals PyTorch's (scripts/golden/forgetting_gs_lora_plus.py)")
    func golden() throws {
        try Threads.set(1)
        let golden = try Safetensors.open(
            Locations.fixtures.appending(path: "forgetting/gs-lora-plus/head.safetensors"))
        let probe = try LinearProbe(
            features: golden.tensor(named: "features"), labels: golden.tensor(named: "labels"),
            classCount: 4, plan: LinearProbe.Plan(stepCount: 50))
        let logits = try probe.logits(golden.tensor(named: "others"))
        #expect(try largestDifference(logits, golden.tensor(named: "logits")) < 1e-3)
    }

    @Test("It finds what logits hide, and the pull on features leaves it less to find")
    func recovery() async throws {
        var accuracies: [Double] = []
        for weight in [0.0, 5] {
            let problem = try TinyProblem()
            try await problem.train()
            if weight == 0 {
                let before = try refit(problem)
                #expect(before.forgottenAccuracy > 0.9 && before.retainedAccuracy > 0.9)
                #expect(before.forgottenSampleCount == 16 && before.retainedSampleCount == 32)
            }
            let task = try problem.forgetTask(
                [2, 4],
                parameters: [
                    "featureForgetWeight": .number(weight), "stepCount": 120,
                    "minimumStepCount": 120,
                ])
            _ = try await ForgettingEngine().forget(task) { _ in }
            let tested = try mergedTestAccuracies(problem, task)
            #expect(tested[2] == 0 && tested[4] == 0)
            let after = try refit(problem)
            #expect(after.retainedAccuracy > 0.9)
            accuracies.append(after.forgottenAccuracy)
        }
        #expect(accuracies[0] > 0.85 && accuracies[1] < accuracies[0] - 0.1, "\(accuracies)")
    }

    private func refit(_ problem: TinyProblem) throws -> HeadRefit.Result {
        try HeadRefit.measure(
            modelFolder: problem.model, dataset: problem.dataset, forgotten: [2, 4],
            samplesPerClass: 8, place: problem.place)
    }

    @Test("A class without samples is refused by name, excluded classes are left out")
    func classes() async throws {
        let problem = try TinyProblem(limits: [3: 0])
        try await problem.train()
        let error = try #require(throws: LetheError.self) {
            try HeadRefit.measure(
                modelFolder: problem.model, dataset: problem.dataset, forgotten: [1, 3],
                samplesPerClass: 4, place: problem.place)
        }
        #expect(error.code == .notFound && error.message.contains("class 3"))
        let result = try HeadRefit.measure(
            modelFolder: problem.model, dataset: problem.dataset, forgotten: [1],
            excluded: [0, 5], samplesPerClass: 4, place: problem.place)
        #expect(result.retainedSampleCount == 2 * 8)
    }
}
