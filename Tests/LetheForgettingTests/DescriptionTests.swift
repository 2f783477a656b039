import Foundation
import LetheRecords
import LetheVision
import TestSupport
import Testing

@testable import LetheForgetting

@Suite("What the engine says about models and datasets")
struct DescriptionTests {
    private let engine = ForgettingEngine()

    @Test("Every sample is committed to, in stored order, by class and split")
    func commitments() async throws {
        let problem = try TinyProblem(trainPerClass: 7, testPerClass: 3)
        let key = try CommitmentKey(bytes: Array(0..<32))
        let description = try await engine.describe(dataset: problem.dataset, key: key) { _ in }
        #expect(description.format == "idx")
        #expect(description.splits.map(\.name) == ["test", "train"])
        let dataset = try ImageDataset.open(problem.dataset.url)
        for split in description.splits {
            var expected = [[Digest]](repeating: [], count: TinyProblem.classCount)
            for sample in try #require(dataset.splits[split.name]) {
                expected[sample.label].append(
                    key.commitment(to: try dataset.bytes(of: sample), domain: "lethe.sample.v1"))
            }
            #expect(split.commitments == expected)
        }
    }

    @Test("A model folder is described by its class, outputs and weights")
    func inspection() async throws {
        let folder = Locations.fixtures.appending(path: "forgetting/gs-lora")
        let temporary = try TemporaryFolder()
        let problem = try TinyProblem()
        for name in ["config.json", "model.safetensors"] {
            try FileManager.default.copyItem(
                at: folder.appending(path: name), to: temporary.url.appending(path: name))
        }
        try FileManager.default.copyItem(
            at: problem.model.appending(path: "preprocessor_config.json"),
            to: temporary.url.appending(path: "preprocessor_config.json"))
        let description = try await engine.inspect(modelFolder: temporary.url)
        #expect(
            description
                == ModelDescription(
                    architecture: "ViTForImageClassification", classCount: 6,
                    parameterCount: 4_422))
    }

    @Test("The step benchmark measures as many steps as asked for")
    func benchmark() throws {
        let folder = Locations.fixtures.appending(path: "forgetting/gs-lora")
        let result = try StepBenchmark.run(
            steps: 3, batchSize: 4, place: RunPlace(threads: 1), modelFolder: folder)
        #expect(result.stepSeconds.count == 3)
        #expect(result.medianSeconds > 0)
        #expect(result.peakMemoryBytes > 1 << 20)
    }
}
